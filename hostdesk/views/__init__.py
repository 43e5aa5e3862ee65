"""Qt: paints rows, emits asks, decides nothing."""
