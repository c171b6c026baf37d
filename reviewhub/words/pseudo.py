"""A language that nobody speaks: accented, a third longer, read from right to left.

On its pages whatever is not translated stands out, what is too tight breaks, and what is bound to
the left side shows itself. Django fills in Arabic for its own forms and months.
"""

from __future__ import annotations

import re
from math import ceil

LOCALE = "ar_XB"
_ACCENTS = str.maketrans(
    "aceiklnorsuyzACEGIKLNORSUYZ",
    "áçéíķļñóŕšúýžÁÇÉĜÍĶĻÑÓŔŠÚÝŽ",
)
# The name of the product is the same in every language.
_KEPT = re.compile(r"ReviewHub|%\(\w+\)[sd]|%[sd%]|\{\w*\}|<[^>]*>|&\w+;")
_FILLER = "one two three four five six seven eight nine ten "
_LONGER = 0.3


def pseudo(text: str) -> str:
    """`text` with its placeholders and tags as they were; the same for the same text."""
    parts, at = [], 0
    for match in _KEPT.finditer(text):
        parts += [text[at : match.start()].translate(_ACCENTS), match.group()]
        at = match.end()
    parts.append(text[at:].translate(_ACCENTS))
    letters = sum(len(part) for part in parts[::2])
    more = (_FILLER * (letters // len(_FILLER) + 1))[: ceil(letters * _LONGER)].strip()
    return f"⟦{''.join(parts)} {more}⟧"
