"""Fields: one version of one fact each."""
