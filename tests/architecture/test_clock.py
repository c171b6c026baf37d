"""The database's clock decides leases and order: no code of ours reads the machine's.

Doors read the database's clock once and pass it as `now=`; a web machine whose clock jumps can then
neither end a lease too early nor let anybody overtake.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

READS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "timezone.now",
    "timezone.localtime",
    "time.time",
    "functions.Now",
}
ALLOWED = {
    # Django itself lets logins end by the machine's clock; this reads what it wrote.
    "reviewhub/common/sessions.py": {"timezone.now"},
}


def clocks_read(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            if f"{owner}.{node.attr}" in READS:
                yield f"{owner}.{node.attr}"


@pytest.mark.parametrize("room", ["annotations", "training", "reviewhub/common"])
def test_nothing_reads_the_clock_of_the_machine(repository: Path, room: str) -> None:
    for path in (repository / room).rglob("*.py"):
        if "migrations" in path.parts:
            continue
        name = str(path.relative_to(repository))
        found = set(clocks_read(path.read_text(encoding="utf-8")))
        assert found <= ALLOWED.get(name, set()), f"{name} reads {found}: take now= instead"


def test_the_finder_finds() -> None:
    found = list(clocks_read("a = datetime.now(UTC); b = django.utils.timezone.now(); c = now()"))
    assert sorted(found) == ["datetime.now", "timezone.now"]
