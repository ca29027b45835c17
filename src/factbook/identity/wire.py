"""The shapes of customers on the wire."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from factbook.identity.model import Customer
from factbook.kernel.wire import Timestamp


class CustomerRequest(BaseModel):
    """Who the customer is, as the channel knows them; the identifier is normalized before anything else."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"channel": "email", "identifier": "Ada@Example.com"}]})

    channel: str
    identifier: str


class CustomerAnswer(BaseModel):
    """A customer: an identity on a channel and the id that stands for it."""

    id: UUID
    channel: str
    normalized_identifier: str
    created_at: Timestamp

    @classmethod
    def of(cls, customer: Customer) -> "CustomerAnswer":
        """The customer's shape."""
        return cls.model_validate(customer, from_attributes=True)


class CustomerPage(BaseModel):
    """A page of customers, newest first."""

    items: list[CustomerAnswer]
    next_cursor: str | None
