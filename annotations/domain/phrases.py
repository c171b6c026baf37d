"""Words in a text that speak for a label, found to be marked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST = 50
LONGEST = 80


@dataclass(frozen=True)
class Part:
    """A stretch of a text; all parts in order are the text again."""

    text: str
    marked: bool = False


def are_fit(phrases: Sequence[str]) -> bool:
    return len(phrases) <= MOST and all(1 <= len(phrase.strip()) <= LONGEST for phrase in phrases)


def marked(text: str, phrases: Sequence[str]) -> tuple[Part, ...]:
    """The text in parts, every mention of a phrase marked.

    Upper and lower case are the same, any white space stands for any other, and a phrase is not
    found inside a longer word, but in scripts that put no spaces between words. Of two mentions
    that overlap, the one that begins earlier is marked; of two that begin together, the longer.
    """
    patterns = [_pattern(phrase) for phrase in sorted(phrases, key=len, reverse=True)]
    known = [pattern for pattern in patterns if pattern]
    if not known:
        return (Part(text),)
    return tuple(_parts(text, re.compile("|".join(known), re.IGNORECASE)))


def _parts(text: str, mention: re.Pattern[str]) -> Iterator[Part]:
    done = 0
    for found in mention.finditer(text):
        if found.start() > done:
            yield Part(text[done : found.start()])
        yield Part(found[0], marked=True)
        done = found.end()
    if done < len(text) or not text:
        yield Part(text[done:])


def _pattern(phrase: str) -> str:
    words = phrase.split()
    if not words:
        return ""
    before = r"(?<!\w)" if _has_edges(words[0][0]) else ""
    after = r"(?!\w)" if _has_edges(words[-1][-1]) else ""
    return before + r"\s+".join(map(re.escape, words)) + after


def _has_edges(character: str) -> bool:
    """Whether words that begin or end with it stand apart from their neighbours."""
    if unicodedata.bidirectional(character) in ("R", "AL"):
        return True
    # Chinese, Thai and others: letters without upper and lower case.
    return character.isalnum() and unicodedata.category(character) != "Lo"
