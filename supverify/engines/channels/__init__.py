"""Search for certificates of networks of steps whose inputs have channels."""
