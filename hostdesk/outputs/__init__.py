"""Ways out other than the picture."""
