"""Proves personas against submissions: those of rules are computed again and compared, those of models checked as far as code can tell."""
