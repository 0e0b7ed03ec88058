"""The verbs of the command line, a module for each room; ``cli`` gathers them."""
