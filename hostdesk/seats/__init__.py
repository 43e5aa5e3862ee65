"""The link between the engine and its windows."""
