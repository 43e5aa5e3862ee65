"""OBS: one connection, stream health in, notices out, proof that they are seen."""
