"""Second, fast readings of the certificates that the kernel reads; as strict, and tested equal."""
