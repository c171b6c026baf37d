"""Seconds of CPU that processes have used, from Linux' own accounts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(root: int) -> float:
    """User and system time of a process and of everything below it.

    The ended ones count too: their parent has inherited their time when it waited for them.
    """
    parents, used = _accounts()
    return sum(used.get(pid, 0.0) for pid in _below(root, parents))


def memory_mib(root: int) -> float:
    """Resident memory of a process and of everything below it, shared pages split among them."""
    parents, _ = _accounts()
    kib = 0
    for pid in _below(root, parents):
        with suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    kib += int(line.split()[1])
    return kib / 1024


def _below(root: int, parents: Mapping[int, int]) -> set[int]:
    """The process and all its living descendants."""
    found, size = {root}, 0
    while len(found) > size:
        size = len(found)
        found |= {pid for pid, parent in parents.items() if parent in found}
    return found


def _accounts() -> tuple[dict[int, int], dict[int, float]]:
    parents: dict[int, int] = {}
    used: dict[int, float] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            # After the name, which may hold anything: state, parent, … utime stime cutime cstime.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            pid = int(folder.name)
            parents[pid] = int(fields[1])
            used[pid] = sum(map(int, fields[11:15])) / _TICK
    return parents, used
