"""Which store a URL means. Connects to nothing; credentials come from the usual `AWS_*` environment variables and never stand in the URL."""

from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from obstore.store import S3Store

from factbook.content.bucket import Bucket
from factbook.content.bucket_failures import bucket_explained
from factbook.content.failures import ContentUnavailable
from factbook.content.local_folder import LocalFolder
from factbook.content.model import ContentStore

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config  # obstore names them for type checkers only

BUCKET_OPTIONS = frozenset({"endpoint", "region", "allow_http"})

# A person may be waiting: three attempts within seconds, then the truth. Silence ends a request, its length does not, since content may be large.
RETRIES: "RetryConfig" = {"max_retries": 2, "retry_timeout": timedelta(seconds=20)}
CONNECT_SECONDS, SILENCE_SECONDS, WHOLE_REQUEST_SECONDS = 5, 60, 6 * 60 * 60


def content_store(url: str | None, data_dir: Path) -> ContentStore:
    """The store of this URL; without one, the folder `content` in the data folder. `ContentUnavailable` for a URL that means no store.

    `file:///folder`, or `s3://bucket/prefix?endpoint=https://...&region=...`, with `allow_http=true` for an endpoint that is neither https nor of
    this machine. A bucket spools what comes in below the data folder.
    """
    if url is None:
        return LocalFolder(data_dir / "content")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ContentUnavailable("The URL of the content store cannot be read.") from None
    match parts.scheme:
        case "file":
            return _folder(parts)
        case "s3":
            return _bucket(parts, data_dir / "content" / "drafts")
    raise ContentUnavailable("The URL of the content store starts neither with file:// nor with s3://.")


def _folder(parts: SplitResult) -> LocalFolder:
    path = Path(unquote(parts.path))
    if parts.netloc not in ("", "localhost") or not path.is_absolute() or parts.query or parts.fragment:
        raise ContentUnavailable("The URL of a content folder is file:// and an absolute path.")
    return LocalFolder(path)


def _bucket(parts: SplitResult, drafts: Path) -> Bucket:
    if not parts.netloc or "@" in parts.netloc or ":" in parts.netloc or parts.fragment:
        raise ContentUnavailable("The URL of a content bucket is s3:// and the bucket's name; credentials belong into AWS_* environment variables.")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if not options.keys() <= BUCKET_OPTIONS or "" in options.values() or options.get("allow_http", "true") not in ("true", "false"):
        raise ContentUnavailable("The URL of a content bucket takes endpoint, region and allow_http (true or false), and nothing else.")
    client = _client(allow_http=_http_is_allowed(options.get("endpoint"), asked=options.get("allow_http") == "true"))
    config: S3Config = {}  # what is not in it comes from the environment
    if "endpoint" in options:
        config["endpoint"] = options["endpoint"]
    if "region" in options:
        config["region"] = options["region"]
    prefix = unquote(parts.path).strip("/") or None
    with bucket_explained(parts.netloc):  # what the environment says may be unusable too
        store = S3Store(parts.netloc, prefix=prefix, config=config, client_options=client, retry_config=RETRIES)
    return Bucket(store, parts.netloc, drafts)


def _http_is_allowed(endpoint: str | None, *, asked: bool) -> bool:
    """Whether to speak without encryption. Refuses an endpoint that would need it and was not allowed to, and one that holds credentials."""
    if endpoint is None:
        return asked
    try:
        parts = urlsplit(endpoint)
        host = parts.hostname or ""
    except ValueError:
        parts, host = SplitResult("", "", "", "", ""), ""
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise ContentUnavailable("The endpoint of the content bucket is no address as https://host:port without credentials.")
    allowed = asked or _is_this_machine(host)
    if parts.scheme == "http" and not allowed:
        raise ContentUnavailable("The endpoint of the content bucket is not encrypted: use https, or add allow_http=true to the URL.")
    return allowed


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _client(*, allow_http: bool) -> "ClientConfig":
    return {
        "allow_http": allow_http,  # said also when false: it goes before AWS_ALLOW_HTTP
        "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
        "read_timeout": timedelta(seconds=SILENCE_SECONDS),
        "timeout": timedelta(seconds=WHOLE_REQUEST_SECONDS),
    }
