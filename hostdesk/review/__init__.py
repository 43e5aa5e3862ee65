"""The look back: pure."""
