"""Factbook: customer memory with receipts."""

__version__ = "0.1.0"
