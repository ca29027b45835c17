"""Every way in which content cannot be kept or given out. No message holds an address with credentials, a file's name or a customer's words."""


class ContentTooLarge(Exception):
    """More bytes came than are allowed. Nothing of them is kept."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"The content has more than {max_bytes} bytes.")
        self.max_bytes = max_bytes


class ContentMissing(Exception):
    """Nothing is kept under this checksum, or something of another size."""


class ContentDamaged(Exception):
    """What is kept under this checksum is no longer the content that was put there."""


class ContentUnavailable(Exception):
    """The store cannot be used. The message is written for a person: which store, what is wrong, what to do about it where that is known."""
