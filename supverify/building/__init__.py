"""Networks and codes that are made, written, read back from their files, and verified."""
