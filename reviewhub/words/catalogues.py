"""reviewhub/locale/: one file of words a language, ours; what gettext reads is compiled of it."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from reviewhub.words import pseudo

FOLDER = Path(__file__).resolve().parents[1] / "locale"
LOCALES = ("de", "es")
# Dates and tool names in the head would make every update a change.
_RESTLESS = re.compile(
    rb'^"(POT-Creation-Date|PO-Revision-Date|Generated-By|Report-Msgid)[^\n]*\n', re.M
)
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w+")


def source_of(locale: str) -> Path:
    return FOLDER / locale / "LC_MESSAGES" / "django.po"


def compiled_of(locale: str) -> Path:
    return source_of(locale).with_suffix(".mo")


def read(locale: str) -> Catalog:
    path = source_of(locale)
    if not path.is_file():
        return Catalog(locale=locale, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=locale, charset="utf-8")


def update(locale: str, template: Catalog) -> bytes:
    """The catalogue as the sources want it: new texts empty, old ones kept, unused ones gone."""
    catalog = read(locale)
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.header_comment = f"# ReviewHub in {locale}; `make words` keeps it with the sources."
    catalog.fuzzy = False
    catalog.project, catalog.version = "ReviewHub", "1"
    buffer = BytesIO()
    write_po(buffer, catalog, width=100, sort_output=True, include_lineno=False)
    return _RESTLESS.sub(b"", buffer.getvalue())


def compile_all() -> None:
    """Write what gettext reads, beside each source; the made-up language has no source."""
    for locale in LOCALES:
        _compile(read(locale), locale)
    texts = read(LOCALES[0])
    for message in texts:
        if message.id:
            message.string = _pseudo(message)
    _compile(texts, pseudo.LOCALE)


def compile_if_older() -> None:
    """For a test run: several processes may do it at once."""
    newest = max(source_of(locale).stat().st_mtime for locale in LOCALES)
    compiled = [compiled_of(locale) for locale in (*LOCALES, pseudo.LOCALE)]
    if not all(path.is_file() and path.stat().st_mtime >= newest for path in compiled):
        compile_all()


def faults(locale: str, template: Catalog) -> Iterator[str]:
    return judged(read(locale), template)


def judged(catalog: Catalog, template: Catalog) -> Iterator[str]:
    """What keeps a catalogue from saying everything that the sources say, and nothing else."""
    wanted = {_key(message): message for message in template if message.id}
    kept = {_key(message): message for message in catalog if message.id}
    yield from (f"not in the catalogue: {key}" for key in wanted.keys() - kept.keys())
    yield from (f"unused: {key}" for key in kept.keys() - wanted.keys())
    yield from (f"kept though unused: {message.id}" for message in catalog.obsolete.values())
    for key, message in kept.items():
        if message.fuzzy:
            yield f"fuzzy: {key}"
        elif not all(_forms(message.string)) or len(_forms(message.string)) < _plurals(message):
            yield f"not translated: {key}"
        elif wrong := [text for text in _forms(message.string) if not _same_holes(message, text)]:
            yield f"other placeholders: {key}: {wrong}"


def _plurals(message: Message) -> int:
    return 2 if message.pluralizable else 1


def _same_holes(message: Message, said: str) -> bool:
    """Whether `said` has the holes of its text, or of one of its forms: “one box”, “3 boxes”."""
    return _holes(said) in [_holes(text) for text in _forms(message.id)]


def _holes(text: str) -> Counter[str]:
    return Counter(_PLACEHOLDER.findall(text))


def _key(message: Message) -> tuple[str | None, Sequence[str]]:
    return message.context, _forms(message.id)


def _forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """One, or one for each number that the language tells apart."""
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def _pseudo(message: Message) -> str | tuple[str, ...]:
    if isinstance(message.id, str):
        return pseudo.pseudo(message.id)
    return tuple(map(pseudo.pseudo, message.id))


def _compile(catalog: Catalog, locale: str) -> None:
    path = compiled_of(locale)
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(f".{os.getpid()}")
    with half.open("wb") as file:
        write_mo(file, catalog)
    half.replace(path)
