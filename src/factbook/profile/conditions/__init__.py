"""Conditions of requirements: expressions in CEL over a profile's fields, refused at save unless they are bounded in what they can cost."""
