"""Filling what a scenario needs from what is known: the profile, the conversation's variables, and what the customer wrote."""
