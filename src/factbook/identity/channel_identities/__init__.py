"""Addresses that humans attach to a customer and detach again."""
