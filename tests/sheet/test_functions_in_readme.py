"""The README lists every cell function as the catalogue declares it."""

from pathlib import Path

from invopt_xl.sheet.listing import functions_as_markdown

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_lists_the_catalogue() -> None:
    text = README.read_text(encoding="utf-8")
    listed = text.partition("<!-- functions -->\n")[2].partition("<!-- /functions -->")[0]
    assert listed.strip() == functions_as_markdown().strip(), "paste what invopt functions --markdown prints"
