"""What is left of a page when only its text is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.persona.fetching.html_text import lines_of, text_of_html

PAGE = """<!DOCTYPE html><html><head><title>Ada &amp; Co</title><style>p { color: red }</style>
<script type="text/javascript">if (a < b && "</p>") { document.write("<p>hidden</p>") }</script></head>
<body>
  <h1>Ada   Lovelace</h1>

  <p>She wrote <b>notes</b> on the <a href="/engine?a=1>2" title='a > b'>Engine</a>.</p><p>And more.</p>
  <ul><li>one<li>two</ul>
  <!-- <p>not shown</p> -->
  5 &lt; 6 &euro; &#8364;<br>next
</body></html>"""

TEXT = "Ada & Co\nAda Lovelace\nShe wrote notes on the Engine.\nAnd more.\none\ntwo\n5 < 6 € €\nnext"


def test_a_page_becomes_its_lines_without_scripts_styles_comments_and_blank_lines() -> None:
    assert text_of_html(PAGE) == TEXT


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("a < b > c <3 d", "a < b > c <3 d"),
        ("a<b>c</b>d<p>e", "acd\ne"),
        ("<SCRIPT>x</ScRiPt >y", "y"),
        ("<script/>x</script>y", "y"),
        ("<script>x", ""),
        ("<style>x</styles>y</style>z", "z"),
        ("</script>x", "x"),
        ("a<!-- b", "a"),
        ("a<!doctype b", "a"),
        ("a<?php b ?>c", "ac"),
        ("a</>b</ c>d", "abd"),
        ('a<a href="b>c', "a"),
        ("a<p it's>b", "a\nb"),
        ("a<p title = 'x>y'>b", "a\nb"),
        ("&#1234567890123;&#x41;&#xD800;&#0;", "\ufffdA\ufffd\ufffd"),
        ("&#" + "9" * 5000 + ";", "\ufffd"),
        ("&nbsp;a&nbsp;", "a"),
        ("<scripty>a</scripty>", "a"),
        ("<textarea>a</textarea>", "a"),
        ("İ<script>x</script>y", "İ\ny"),
    ],
)
def test_odd_markup_is_read_as_a_browser_reads_it(page: str, text: str) -> None:
    assert text_of_html(page) == text


@pytest.mark.parametrize("piece", ["<", "<a ", "<!--", "<![CDATA[", "</", "<?", "<a b='", '<a a="', "&#", "&amp", "<script></script x", "\n"])
def test_a_megabyte_of_what_nothing_closes_is_read_to_its_end(piece: str) -> None:
    # The timeout of the whole suite stands behind this: a reader that starts again at each piece takes hours.
    assert len(text_of_html(piece * (1024 * 1024 // len(piece)))) <= 1024 * 1024


@given(st.text(alphabet="<>/!-?&;#'\"= \nabscriptyle", max_size=60))
def test_no_page_is_too_odd_to_be_read_and_no_line_is_blank(page: str) -> None:
    text = text_of_html(page)
    assert all(line.strip() == line != "" for line in text.splitlines())
    assert lines_of(text) == text
