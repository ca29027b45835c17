"""Consents: what a customer agreed to and took back, each on a row of its own."""
