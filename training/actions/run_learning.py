from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from reviewhub.common.errors import JsonDict
from training.actions.held_run import RunTimes
from training.errors import ChildCrashed, ChildTimedOut, LearningFailed

NICENESS = 10
LOG = "log.txt"
CHILD = "child.json"
TAIL_BYTES = 8_000
ROOT = Path(__file__).resolve().parents[2]

LAUNCH = """
import ctypes, runpy, signal
getattr(ctypes.CDLL(None), "prctl", lambda *_: 0)(1, signal.SIGKILL)
runpy.run_module("training.ml", run_name="__main__", alter_sys=True)
"""
"""`python -m training.ml`, after asking Linux (PR_SET_PDEATHSIG) to kill it with its worker."""


class Keeper(Protocol):
    """Who may end a learning process early: usually the run it works for, see HeldRun."""

    @property
    def times(self) -> RunTimes: ...

    def check(self) -> None: ...

    def interrupting(self, stop: Callable[[], None]) -> AbstractContextManager[None]: ...


def run_learning(
    *, command: Sequence[str], work: Path, held: Keeper, on_line: Callable[[JsonDict], None]
) -> JsonDict:
    """Run `python -m training.ml <command>` to its end; returns its last line, the result.

    torch never enters this process. The child is a session of its own, niced, single-threaded;
    what it prints goes line by line to `on_line`, its complaints to the log in `work`. A cancel
    request or a lost lease kills the whole group within a second, and so does the time limit.
    A child that a frozen worker still holds is ended first: two would write into one folder.
    Raises ChildCrashed, ChildTimedOut, LearningFailed, and what `held` raises.
    """
    work.mkdir(parents=True, exist_ok=True)
    _end_left_over(work)
    result: JsonDict = {}
    with (
        (work / LOG).open("ab") as log,
        _started(command, work, log.fileno()) as child,
        held.interrupting(lambda: _kill(child.pid)),
        _limited(child, held) as late,
    ):
        for line in _lines(child):
            result = line
            on_line(line)
        child.wait()
    held.check()
    if late.is_set():
        raise ChildTimedOut(f"No result after {held.times.child:.0f} seconds.")
    return _checked(child.returncode, result, work)


def log_tail(*, work: Path) -> str:
    """The end of what the learning process complained about, for people."""
    path = work / LOG
    if not path.is_file():
        return ""
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - TAIL_BYTES))
        return log.read().decode(errors="replace").replace("\x00", "")


def _checked(code: int, result: JsonDict, work: Path) -> JsonDict:
    if "error" in result:
        raise LearningFailed(str(result.get("message", "")), code=str(result["error"]))
    if code != 0 or not result:
        how = f"killed by signal {-code}" if code < 0 else f"exit status {code}"
        last = log_tail(work=work).strip().splitlines()[-1:] or [""]
        raise ChildCrashed(f"The learning process ended early ({how}). {last[0]}".strip())
    return result


@contextmanager
def _started(command: Sequence[str], work: Path, log: int) -> Iterator[subprocess.Popen[str]]:
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    child = subprocess.Popen(
        [sys.executable, "-c", LAUNCH, *command, "--threads", "1"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        cwd=ROOT,
        env={**os.environ, **one_thread},
        start_new_session=True,
    )
    try:
        with suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, child.pid, NICENESS)
        (work / CHILD).write_text(json.dumps({"pid": child.pid, "born": _born(child.pid)}))
        yield child
    finally:
        _kill(child.pid)
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


def _lines(child: subprocess.Popen[str]) -> Iterator[JsonDict]:
    assert child.stdout is not None
    for text in child.stdout:
        with suppress(json.JSONDecodeError):
            line = json.loads(text)
            if isinstance(line, dict):
                yield line


@contextmanager
def _limited(child: subprocess.Popen[str], held: Keeper) -> Iterator[threading.Event]:
    late = threading.Event()

    def stop() -> None:
        late.set()
        _kill(child.pid)

    timer = threading.Timer(held.times.child, stop)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _end_left_over(work: Path) -> None:
    """End the child of an earlier attempt, if it still runs; a reused pid is left alone."""
    with suppress(FileNotFoundError, json.JSONDecodeError, KeyError):
        left = json.loads((work / CHILD).read_text())
        if left["born"] is not None and left["born"] == _born(left["pid"]):
            _kill(left["pid"])


def _born(pid: int) -> str | None:
    """When the process started, in clock ticks since boot; None if there is none (or no /proc)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return None
