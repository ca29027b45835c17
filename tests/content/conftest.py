"""A folder and a bucket to keep content in. The bucket is on moto's server, which speaks S3 over HTTP."""

import os
from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from factbook.kernel.ids import new_id
from tests.content.kept import Kept, KeptInBucket, KeptInFolder

SECRET = "a-secret-that-no-text-shows"


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The address of a server of S3, and the environment that lets us in."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            environment.delenv(name)
        environment.setenv("AWS_ACCESS_KEY_ID", "the-tests-own")
        environment.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session", params=["local", "s3"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Each kind of store in turn; a test makes a tenant of its own in it."""
    folder = tmp_path_factory.mktemp("content")
    if request.param == "local":
        return KeptInFolder(folder / "kept")
    return KeptInBucket(request.getfixturevalue("s3_endpoint"), f"bucket-{new_id()}", folder)
