"""What reports and tables say, gathered as the plain values of ``report``: about a network, about the paper."""
