"""The reader of Markdown is right about links, anchors and code."""

from tests.documents.markdown import Link, anchors, code, relative_links


def paths(text: str) -> list[str]:
    return [link.path for link in relative_links(text)]


def test_links_and_pictures_are_found_with_line_path_and_anchor() -> None:
    text = "See [one](docs/a.md) and ![a picture](b.png).\n\n[Two](../c.md#the-part), [here](#below)"
    assert relative_links(text) == [Link(1, "docs/a.md", ""), Link(1, "b.png", ""), Link(3, "../c.md", "the-part"), Link(3, "", "below")]


def test_titles_and_angle_brackets_and_escapes_belong_to_no_path() -> None:
    assert paths('[a](a.md "A title") [b](<b c.md>) [d](d%20e.md)') == ["a.md", "b c.md", "d e.md"]


def test_round_brackets_may_stand_in_a_path() -> None:
    assert paths("([a](a_(b).md))") == ["a_(b).md"]


def test_definitions_and_html_are_links_too() -> None:
    assert paths('[word]: docs/a.md "title"\n<a href="b.md">b</a> <img alt="" src=\'c.png\'>') == ["docs/a.md", "b.md", "c.png"]


def test_a_picture_that_is_a_link_is_two_links() -> None:
    assert paths("[![state](state.svg)](checks.md)") == ["state.svg", "checks.md"]


def test_links_elsewhere_are_passed_over() -> None:
    assert paths("[a](https://example.com/a.md) [b](mailto:ada@example.com) [c](//example.com/c)") == []


def test_code_holds_no_links() -> None:
    assert paths("`[a](a.md)` and ``[b](`b`.md)``\n\n```md\n[c](c.md)\n```\n\n~~~~\n[d](d.md)\n~~~\n[e](e.md)\n~~~~\n[f](f.md)") == ["f.md"]


def test_an_anchor_is_the_heading_in_small_letters_without_punctuation() -> None:
    assert anchors("# Factbook: memory, with receipts!\n\n## `factbook serve` and *more*\n\n### A_b - c\n") == {
        "factbook-memory-with-receipts",
        "factbook-serve-and-more",
        "a_b---c",
    }


def test_an_anchor_of_a_heading_with_a_link_is_its_visible_text() -> None:
    assert anchors("## The [truth](truth.md)") == {"the-truth"}


def test_repeated_headings_are_numbered() -> None:
    assert anchors("# Errors\n# Errors\n# Errors") == {"errors", "errors-1", "errors-2"}


def test_anchors_may_be_set_in_html_and_none_stands_in_code() -> None:
    assert anchors('<a id="here"></a>\n```sh\n# a comment\n```\n') == {"here"}


def test_code_is_spans_and_lines_of_blocks() -> None:
    assert code("Run `factbook serve`.\n\n```sh\nfactbook demo\n\n# twice\n```\n") == ["factbook demo", "", "# twice", "factbook serve"]
