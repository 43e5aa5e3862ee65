"""What is kept: a file per show, and the book across shows."""
