"""What comments mean: pure."""
