"""Show files and the book."""
