"""What people look through: the scenarios of all agents, and one with everything that it needs and why. Reads alone."""
