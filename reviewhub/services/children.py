"""One server process: started in a group of its own, watched, and stopped with all it started."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

# Every descendant inherits this variable, so that none is lost by leaving its group or its parent.
MARK = "REVIEWHUB_STARTED_BY"
ROTATE_AT = 20 * 1024 * 1024
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Child:
    """A server process; `mark` is unique to the instance and the child's name."""

    name: str
    command: Sequence[str | Path]
    environ: Mapping[str, str]
    mark: str
    log: Path
    cwd: Path
    pass_fds: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    starts: list[float] = field(default_factory=list, repr=False)

    def start(self) -> None:
        """Start it; whatever an earlier one left behind is killed first."""
        kill_marked(self.mark)
        if self.log.is_file() and self.log.stat().st_size > ROTATE_AT:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(part) for part in self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.cwd,
                env={**self.environ, MARK: self.mark},
                pass_fds=self.pass_fds,
                process_group=0,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 (one foreign call, takes no lock)
            )
        self.starts.append(time.monotonic())

    @property
    def pid(self) -> int:
        """Of the process as it was last started; 0 before."""
        return self.process.pid if self.process else 0

    @property
    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def how_it_ended(self) -> str:
        """`status 1` or `killed by SIGKILL`, for people."""
        code = self.process.returncode if self.process else None
        if code is not None and code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return f"status {code}"

    def tail(self, lines: int = 15) -> str:
        """The end of its log."""
        if not self.log.is_file():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def ask_to_stop(self) -> None:
        if self.process is not None and not self.ended:
            self.process.terminate()


def stop_all(children: Iterable[Child], *, patience: float) -> None:
    """Ask each once, wait `patience` seconds for all together, then kill what is left of them."""
    children = list(children)
    for child in children:
        child.ask_to_stop()
    _wait(lambda: all(child.process is None or child.ended for child in children), patience)
    for child in children:
        kill_marked(child.mark, ask_first=True)
        if child.process is not None:
            child.process.kill()
            child.process.wait()


def kill_marked(mark: str, *, ask_first: bool = False) -> None:
    """End every process that inherited the mark, however far down; asked, it gets one second."""
    if ask_first and _signal_marked(mark, signal.SIGTERM):
        _wait(lambda: not marked(mark), 1.0)
    for _ in range(50):
        if not _signal_marked(mark, signal.SIGKILL):
            return
        time.sleep(0.02)


def marked(mark: str) -> list[int]:
    """The processes whose environment holds the mark; a zombie's is empty, so it does not count."""
    needle = f"\0{MARK}={mark}\0".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if needle in b"\0" + (folder / "environ").read_bytes():
                found.append(int(folder.name))
    return found


def _signal_marked(mark: str, number: signal.Signals) -> bool:
    pids = marked(mark)
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
    return bool(pids)


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)


def _die_with_parent() -> None:
    """Should the supervisor be killed outright, the kernel asks its children to stop (Linux)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
