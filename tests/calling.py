"""HTTP clients for tests: the service in this process, called as a principal, each problem held against the OpenAPI document."""

import re
from uuid import UUID

from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response

from factbook.access import PrincipalKind, Scope, create_key
from factbook.database.pools import Database


class Caller:
    """Makes clients of one tenant."""

    def __init__(self, app: FastAPI, database: Database, tenant_id: UUID) -> None:
        self._app = app
        self._database = database
        self.tenant_id = tenant_id
        self._clients: list[AsyncClient] = []

    async def client(self, kind: PrincipalKind = PrincipalKind.HUMAN, scopes: frozenset[Scope] = frozenset(Scope)) -> AsyncClient:
        """A client with a new key of this kind and these scopes."""
        return self.with_key(await create_key(self._database, self.tenant_id, kind, "a test", scopes))

    def with_key(self, key: str | None) -> AsyncClient:
        """A client that sends this key, or none."""
        client = AsyncClient(
            transport=ASGITransport(self._app, raise_app_exceptions=False),
            base_url="http://factbook/v1",
            headers={"Authorization": f"Bearer {key}"} if key else {},
            event_hooks={"response": [self._held_against_the_document]},
        )
        self._clients.append(client)
        return client

    async def close(self) -> None:
        """Close every client made."""
        for client in self._clients:
            await client.aclose()

    async def _held_against_the_document(self, response: Response) -> None:
        """Fail the test when an answer above 399 is no problem, or one that its route does not announce."""
        if response.status_code < 400 or response.request.method == "HEAD":
            return
        await response.aread()
        assert response.headers["content-type"] == "application/problem+json"
        problem = response.json()
        assert set(problem) == {"type", "title", "status", "code", "detail", "errors", "request_id"}
        assert problem["status"] == response.status_code
        assert problem["request_id"] == response.headers["x-request-id"]
        template = self._template_of(response.request.url.path)
        operation = self._app.openapi()["paths"].get(template, {}).get(response.request.method.lower())
        if operation is not None:
            announced = operation["responses"][str(response.status_code)]["content"]["application/problem+json"]["examples"]
            assert problem["code"] in announced, f"{template} does not announce {problem['code']}"

    def _template_of(self, path: str) -> str:
        """The path of the OpenAPI document that a request's path belongs to, the one with the fewest parameters first; empty for none."""
        templates = sorted(self._app.openapi()["paths"], key=lambda template: template.count("{"))
        return next((template for template in templates if re.fullmatch(re.sub(r"\{[a-z_]+\}", "[^/]+", template), path)), "")
