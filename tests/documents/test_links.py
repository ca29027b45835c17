"""The checker of links finds every one that leads nowhere, and no other."""

from pathlib import Path

import pytest

from tests.documents.links import broken_links


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "other.md").write_text("# A part\n")
    (tmp_path / "code.py").write_text("")
    return tmp_path / "docs" / "page.md"


@pytest.mark.parametrize("link", ["other.md", "other.md#a-part", "#here", "../code.py", "../code.py#L1", ".", "../docs/other.md", ""])
def test_a_link_that_leads_somewhere_is_whole(page: Path, tmp_path: Path, link: str) -> None:
    page.write_text(f"# Here\n[x]({link})\n")
    assert broken_links(tmp_path, [page]) == []


@pytest.mark.parametrize(
    ("link", "fault"),
    [
        ("nowhere.md", "does not exist"),
        ("other.md#another-part", "has no such heading"),
        ("#there", "has no such heading"),
        ("/docs/other.md", "leaves the repository"),
        ("../../elsewhere.md", "leaves the repository"),
    ],
)
def test_a_link_that_leads_nowhere_is_told_with_its_place(page: Path, tmp_path: Path, link: str, fault: str) -> None:
    page.write_text(f"# Here\n[x]({link})\n")
    assert broken_links(tmp_path, [page]) == [f"docs/page.md:2: {link} {fault}"]
