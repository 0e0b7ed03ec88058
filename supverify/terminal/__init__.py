"""What people see on a terminal: tables, lines of text, a progress bar."""
