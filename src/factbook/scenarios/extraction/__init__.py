"""Which fields a scenario or rule needs: what its lists name, and what an executor of language finds in its text."""
