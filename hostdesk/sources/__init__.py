"""How comments come in."""
