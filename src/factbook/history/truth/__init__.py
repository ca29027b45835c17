"""The truth recorder: the only writer of what happened. Records are appended, numbered without gaps, and never changed."""
