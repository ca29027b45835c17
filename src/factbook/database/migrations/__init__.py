"""The schema's history, one file per step, each with its way back."""
