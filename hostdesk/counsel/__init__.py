"""What to say: pure."""
