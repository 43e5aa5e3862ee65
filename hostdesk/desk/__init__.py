"""The show as it stands: pure, one event at a time."""
