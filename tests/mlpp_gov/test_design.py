"""One visual language: tokens in one file, used by all others, and the page that shows it all."""

import re

import pytest
from django.conf import settings

from mlpp_gov.design.tokens import PAIRS, TOKENS, contrast, tokens

STATIC = settings.BASE_DIR / "static"
# The Django admin has a language of its own.
STYLES = [
    path
    for path in sorted((STATIC / "css").glob("*.css"))
    if path.name not in ("admin.css", TOKENS.name)
]
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|color-mix)a?\(", re.IGNORECASE)
LARGEST = 2.5  # rem, of the tokens of space; beyond, it is the layout of one page
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
SIZED = re.compile(r"(?:font-size|border-radius|gap|padding[\w-]*|margin[\w-]*): ([^;]+);")


def rules(path):
    """Selector and declarations of each rule on a screen; comments and what is for paper apart."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"^@media print \{\n.*?^\}", "", text, flags=re.DOTALL | re.MULTILINE)
    return RULE.findall(text)


@pytest.mark.django_db
def test_every_component_is_on_the_page_of_the_visual_language(client_of, pca):
    page = client_of(pca).get("/design/")

    assert page.status_code == 200
    for component in (settings.BASE_DIR / "templates/components").iterdir():
        assert f'id="{component.name}"' in page.text
    assert "No sample yet" not in page.text
    assert (
        "{% include &quot;components/severity.html&quot; with severity=&quot;CRITICAL&quot;"
        in page.text
    )


@pytest.mark.django_db
@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_page_is_for_developers_only(client_of, admin, settings, environment):
    settings.APP_ENV = environment

    assert client_of(admin).get("/design/").status_code == 404


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.ink}-{pair.ground}")
def test_what_is_written_can_be_read_in_the_light_and_in_the_dark(pair):
    for colours in tokens():
        assert contrast(colours[pair.ink], colours[pair.ground]) >= pair.least


def test_contrast_is_wcags():
    assert contrast("#fff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_style_sheet_says_colours_and_sizes_with_tokens(path):
    found = {
        declaration.strip()
        for _, body in rules(path)
        for declaration in body.split(";")
        if COLOUR.search(declaration)
    }
    raw = {
        value
        for _, body in rules(path)
        for value in SIZED.findall(body)
        if any(float(size) <= LARGEST for size in re.findall(r"([\d.]+)rem\b", value))
    }
    assert (found, raw) == (set(), set())


def test_a_token_that_is_used_is_there():
    known = set(tokens()[0])
    for path in STYLES:
        text = path.read_text(encoding="utf-8")
        own = set(re.findall(r"--([\w-]+):", text))
        assert set(re.findall(r"var\(--([\w-]+)", text)) <= known | own, path.name


def test_red_is_for_critical_and_nothing_else():
    for path in STYLES:
        for selector, body in rules(path):
            if re.search(r"var\(--(?:on-)?critical", body):
                assert "critical" in selector, path.name
