"""Our styles know a start and an end, not a left and a right: pages are read both ways."""

from __future__ import annotations

import re
from pathlib import Path

STYLES = Path(__file__).resolve().parents[2] / "static" / "css"
PHYSICAL = re.compile(
    r"(?<![\w-])(?:"
    r"(?:left|right)\s*:"
    r"|(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)\b"
    r"|border-(?:top|bottom)-(?:left|right)-radius"
    r"|(?:float|clear|text-align)\s*:\s*(?:left|right)\b"
    # top, right, bottom, left: physical as soon as the second and the fourth differ
    r"|(?:inset|margin|padding|border-width)\s*:\s*(?:VALUE\s+){3}VALUE"
    r")".replace("VALUE", r"(?:[\w.%-]+\([^;{}]*?\)|[\w.%-]+)")
)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# A picture does not turn round with the direction of writing: the photo on the bench, and that of
# the loop, on a page that only leads see.
DRAWN = re.compile(r"^\s*\.(loop|layers)\b")


def physical(css: str) -> list[str]:
    found = []
    for block in re.findall(r"[^{}]*\{[^{}]*\}", COMMENT.sub("", css)):
        if not DRAWN.match(block):
            found += [match.group() for match in PHYSICAL.finditer(block.partition("{")[2])]
    return [each for each in found if not _same_on_both_sides(each)]


def _same_on_both_sides(found: str) -> bool:
    values = re.findall(r"[\w.%-]+\([^;{}]*?\)|[\w.%-]+", found.partition(":")[2])
    return len(values) == 4 and values[1] == values[3]


def test_no_style_of_ours_has_a_left_or_a_right_side() -> None:
    for path in sorted(STYLES.glob("*.css")):
        found = physical(path.read_text(encoding="utf-8"))
        assert not found, f"{path.name}: {found}; write inline-start and inline-end"


def test_the_pattern_finds_what_it_should() -> None:
    bad = (
        "a { left: 0 } b { margin-left: 1px } c { float: right } d { text-align: left }"
        " e { inset: 4px auto auto var(--s2) } f { padding: 0 0 calc(1px + 2px) 3px }"
        " g { border-top-left-radius: 1px }"
    )
    assert len(physical(bad)) == 7
    good = (
        "a { inset-inline-start: 0; margin: 0 auto; padding: 1px 2px 3px 2px } /* left: 1px */"
        " .loop > li { left: 0 } b { inset: auto; grid-template: auto / left; transform: none }"
    )
    assert not physical(good)
