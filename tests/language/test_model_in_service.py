"""The service opens who reads texts by its settings, and closes it when it ends."""

from typing import Any

import pytest
from pydantic import SecretStr

from factbook.app import create_app
from factbook.database.opening import OpenedDatabase
from factbook.settings import Settings
from tests.conftest import MASTER_KEYS
from tests.language.model_server import model_server, says
from tests.language.model_world import CANARY, about, found


async def test_a_service_without_a_model_reads_by_rules(opened: OpenedDatabase) -> None:
    app = create_app(Settings(master_keys=SecretStr(MASTER_KEYS)), opened)
    async with app.router.lifespan_context(app):
        assert app.state.language.extractor == "rules"


async def test_a_service_reads_with_the_model_that_its_settings_name(opened: OpenedDatabase) -> None:
    async with model_server(says(found())) as server:
        named = Settings(
            master_keys=SecretStr(MASTER_KEYS), model="openai:tester", model_url=f"http://127.0.0.1:{server.port}", model_output_tokens=777
        )
        app = create_app(named, opened)
        async with app.router.lifespan_context(app):
            reply = await app.state.language.execute(about())
    assert reply.extractor == "openai:tester"
    assert [each.value for each in reply.answer.values] == [CANARY]
    assert server.asked[0].body["max_tokens"] == 777


@pytest.mark.parametrize(
    ("named", "settings"),
    [
        ("FACTBOOK_MODEL_KEY", {"model": "openai:tester"}),
        ("FACTBOOK_MODEL_KEY", {"model_key": "a-key"}),
        ("FACTBOOK_MODEL_URL", {"model": "ollama:tester", "model_url": "nowhere"}),
        ("FACTBOOK_MODEL_BUDGET_TOKENS", {"model": "ollama:tester", "model_budget_tokens": 4000}),
    ],
    ids=["no key", "no model", "no address", "no budget"],
)
def test_a_service_is_not_made_with_a_model_that_cannot_be_used(named: str, settings: dict[str, Any], opened: OpenedDatabase) -> None:
    with pytest.raises(ValueError, match=named):
        create_app(Settings(master_keys=SecretStr(MASTER_KEYS), **settings), opened)
