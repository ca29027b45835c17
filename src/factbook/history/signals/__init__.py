"""Relationship health: what all jobs of a customer say together, derived at each reading and stored nowhere. Reads only."""
