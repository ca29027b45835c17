"""The older interface, `/v1/persona`, on top of persons: every call that its clients make, deprecated and answered as before.

Source: seed 004, section 7 of the facts, with the readings P5 to P16 of section 15.
"""
