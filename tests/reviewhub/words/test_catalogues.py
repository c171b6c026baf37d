"""Every text that a reviewer may read is said in every language, and no text that nobody reads."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from reviewhub.words import catalogues, extracting, sources

# What stands in a page as it is, whatever its language.
SAME_EVERYWHERE = re.compile(r"\b(ReviewHub|API|system)\b")
SPOKEN_ATTRIBUTES = re.compile(r"aria-label|aria-description|title|placeholder|alt")
# What a script shows lies in attributes; codes, selectors and keys are no sentences.
SENTENCE = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,}")


@pytest.fixture(scope="module")
def template() -> Catalog:
    return extracting.template_of_all()


@pytest.mark.parametrize("locale", catalogues.LOCALES)
def test_every_text_is_translated_with_its_placeholders_and_none_is_unused(
    locale: str, template: Catalog
) -> None:
    faults = list(catalogues.faults(locale, template))
    assert not faults, "run `make words`, then translate:\n" + "\n".join(faults)


@pytest.mark.parametrize("locale", catalogues.LOCALES)
def test_the_file_is_what_the_update_writes(locale: str, template: Catalog) -> None:
    assert catalogues.source_of(locale).read_bytes() == catalogues.update(locale, template)


def test_faults_are_found() -> None:
    template = Catalog()
    for text in ("new", "kept", "%(a)s of %(b)s", ("%(n)s box", "%(n)s boxes")):
        template.add(text)
    kept = Catalog(locale="de")
    kept.add("kept", "bleibt", flags=["fuzzy"])
    kept.add("%(a)s of %(b)s", "%(a)s von %(c)s")
    kept.add(("%(n)s box", "%(n)s boxes"), ("%(n)s Rahmen", ""))
    kept.add("gone", "fort")
    told = sorted(fault.split(":")[0] for fault in catalogues.judged(kept, template))
    assert told == [
        "fuzzy",
        "not in the catalogue",
        "not translated",
        "other placeholders",
        "unused",
    ]


def test_reading_words_finds_what_templates_python_and_errors_say(template: Catalog) -> None:
    assert "Skip to the content" in template  # a template
    assert "Profile saved." in template  # Python
    assert "The item no longer waits for this" in template  # the title of an error
    assert "This form is out of date, or cookies are blocked." in template  # its detail
    assert "Nothing was changed." in template  # what was kept
    assert "I am not sure" in template  # a word of the domain
    assert "confidence %(confidence)s below %(below)s" in template  # one with figures
    assert "No project yet" in template  # an argument of an include


@pytest.mark.parametrize("path", sources.reviewer_templates(), ids=sources.named)
def test_a_reviewers_page_says_nothing_that_is_not_marked_for_translation(path: Path) -> None:
    assert not unmarked(path.read_text(encoding="utf-8"))


def test_unmarked_words_are_found() -> None:
    found = unmarked(
        '<p title="Good day" data-key="g o" data-late="Not now">Hello {{ name }}</p>'
        '{% translate "fine" %}'
        '{% include "a.html" with title="Bad" label=_("good") kind="primary" %}'
        '{{ word|default:"Nobody" }}{% blocktranslate %}well {{ x }}{% endblocktranslate %}'
    )
    assert found == ["Bad", "Nobody", "Good day", "Not now", "Hello"]


def test_scripts_hold_no_sentence() -> None:
    """They show what the page gives them, so that it comes in the person's language."""
    for path in sorted((sources.ROOT / "static" / "js").rglob("*.js")):
        code = re.sub(r"//.*|/\*.*?\*/", "", path.read_text(encoding="utf-8"))
        for literal in re.findall(r"\"([^\"\n]*)\"|`([^`]*)`", code):
            assert not re.match(r"[A-Z][a-z]+ [a-z]+", "".join(literal)), f"{path.name}: {literal}"


def unmarked(text: str) -> list[str]:
    """Literal words of a template that no translator would ever see."""
    text = re.sub(r"\{#.*?#\}|\{% comment .*?endcomment %\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{% blocktranslate\b.*?endblocktranslate %\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{% translate .*?%\}|\{% block body_class %\}.*?\{% endblock %\}", "", text)
    tags = re.findall(r"\{%.*?%\}|\{\{.*?\}\}", text, flags=re.DOTALL)
    found = [
        word
        for tag in tags
        for word in re.findall(
            r"(?<!_\()(?:(?:title|text|label|lede|opener|word|name)=|default:)\"([^\"]*)\"", tag
        )
    ]
    reader = _Reader()
    reader.feed(re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "·", text, flags=re.DOTALL))
    return [word for word in [*found, *reader.found] if _is_word(word)]


def _is_word(text: str) -> bool:
    return bool(re.search(r"[^\W\d_]{2}", SAME_EVERYWHERE.sub("", text)))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            spoken = SPOKEN_ATTRIBUTES.fullmatch(name)
            told = name.startswith("data-") and SENTENCE.search(value or "")
            if value and (spoken or told):
                self.found.append(value.strip())

    def handle_data(self, data: str) -> None:
        self.found.append(" ".join(data.replace("·", " ").split()))
