"""What the pictures of a network show, counted exactly; ``report.pictures`` draws it."""
