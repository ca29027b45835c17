"""Values encrypted at rest: each customer has a data key, each data key is wrapped by a master key, and no key stands in the database in clear.

Threat: whoever reads the database, a backup or a replica sees which values there are and how long each is, and none of them. Whoever may write
to it can take values away, but can neither change one nor pass one off as another. Against whoever holds the master keys as well, nothing helps.
"""
