"""The addresses of one Factbook database: the same server and database name under five roles."""

import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, urlsplit, urlunsplit


class Role(StrEnum):
    """The roles Factbook logs in as. None of them is a superuser and none can step around row-level security."""

    OWNER = "factbook_owner"
    WRITER = "factbook_writer"
    READER = "factbook_reader"
    QUEUE = "factbook_queue"


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """`admin` may create roles and is used for nothing else; `owner` migrates; `writer` and `reader` serve requests; `queue` hands out jobs."""

    admin: str
    owner: str
    writer: str
    reader: str
    queue: str

    @classmethod
    def derive(cls, admin: str, role_secret: str) -> "DatabaseUrls":
        """The URLs of the roles on the server of `admin`, with passwords that every process derives alike from `role_secret`."""
        return cls(admin, *(with_role(admin, role, role_password(role_secret, role)) for role in Role))

    def of_role(self, role: Role) -> str:
        """The URL that logs in as `role`."""
        return {Role.OWNER: self.owner, Role.WRITER: self.writer, Role.READER: self.reader, Role.QUEUE: self.queue}[role]

    def for_database(self, name: str) -> "DatabaseUrls":
        """The same roles on another database of the same server."""
        return DatabaseUrls(*(with_database(url, name) for url in (self.admin, self.owner, self.writer, self.reader, self.queue)))


def role_password(secret: str, role: Role) -> str:
    """The password of `role`: an HMAC of its name, so that knowing one role's password tells nothing of another's."""
    return hmac.new(secret.encode(), f"factbook role {role}".encode(), hashlib.sha256).hexdigest()


def with_role(url: str, user: str, password: str) -> str:
    """`url` with another user and password."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{place}"))


def with_database(url: str, name: str) -> str:
    """`url` with another database name."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(name, safe='')}"))
