"""Texts from the web: public addresses only, and no more of them and for no longer than the limits say."""
