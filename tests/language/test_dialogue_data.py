"""Real dialogues, where the sample data is: what the rules take is right, and stands in words of the customer."""

from pathlib import Path

import pytest

from benchmarks.language_sgd import dialogues, folder
from benchmarks.language_values import outcomes, score
from factbook.language.rules import RulesExecutor


@pytest.fixture(scope="session")
def dialogue_data() -> Path:
    data = folder()
    if data is None:
        pytest.skip("no Schema-Guided Dialogue data in the folder of samples; set FACTBOOK_SAMPLES_DIR")
    return data


async def test_of_what_is_taken_from_real_dialogues_nineteen_in_twenty_are_right_and_all_is_quoted(dialogue_data: Path) -> None:
    figures = score(await outcomes(RulesExecutor(), list(dialogues(dialogue_data, "dev_dialogues_003"))[::3]))
    assert figures["found"] > 100
    assert figures["precision"] >= 0.95
    assert figures["recall"] >= 0.6
    assert figures["without_a_span"] == 0
