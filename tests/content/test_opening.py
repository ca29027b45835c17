"""Which store a URL means, and the URLs that mean none."""

from pathlib import Path

import pytest

from factbook.content import ContentUnavailable, content_store
from factbook.kernel.ids import new_id
from tests.content.kept import put

SECRET = "hunter2"


async def test_without_a_url_content_lies_in_the_data_folder(tmp_path: Path) -> None:
    stored = await put(content_store(None, tmp_path), new_id(), b"here")
    assert (tmp_path / "content" / stored.path).read_bytes() == b"here"


async def test_a_file_url_names_the_folder_also_with_spaces(tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    stored = await put(content_store(folder.as_uri(), Path("/nowhere")), new_id(), b"here")
    assert (folder / stored.path).read_bytes() == b"here"


@pytest.mark.parametrize(
    "url",
    [
        "s3://bucket",
        "s3://bucket/with/a/prefix?region=eu-central-1",
        "s3://bucket?endpoint=https://minio.example:9000",
        "s3://bucket?endpoint=http://localhost:9000",
        "s3://bucket?endpoint=http://127.0.0.2:9000&allow_http=false",
        "s3://bucket?endpoint=http://[::1]:9000",
        "s3://bucket?endpoint=http://minio.internal:9000&allow_http=true",
    ],
)
def test_an_s3_url_means_a_bucket(url: str, tmp_path: Path) -> None:
    assert content_store(url, tmp_path).provider == "s3"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/var/lib/content",
        "ftp://files.example/content",
        "file://elsewhere/content",
        "file:relative",
        "file:///content?mode=fast",
        "s3://",
        "s3:///only/a/prefix",
        "s3://[broken",
        f"s3://key:{SECRET}@bucket",
        f"s3://bucket?secret_access_key={SECRET}",
        "s3://bucket?allow_http=perhaps",
        "s3://bucket?endpoint=",
        "s3://bucket?region=",
        "s3://bucket?endpoint=minio.example:9000",
        "s3://bucket?endpoint=http://[broken",
        f"s3://bucket?endpoint=https://key:{SECRET}@minio.example",
        "s3://bucket?endpoint=http://minio.example:9000",
        "s3://bucket?endpoint=http://minio.example:9000&allow_http=false",
        "s3://bucket?endpoint=http://10.0.0.7:9000",
        "s3://bucket?endpoint=http://localhost.example:9000",
    ],
)
def test_a_url_that_means_no_store_is_refused_without_repeating_it(url: str, tmp_path: Path) -> None:
    with pytest.raises(ContentUnavailable) as refused:
        content_store(url, tmp_path)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None
