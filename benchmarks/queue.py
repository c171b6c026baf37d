"""What one review costs through HTTP: store an answer, give one more item ahead of its turn.

Reviewers on keep-alive connections do what the script of the workbench does: three items ahead, one
POST for each answer, whose JSON brings one new item; against gunicorn and PostgreSQL as they run in
production. Measured: CPU of the web and database processes per review, time until an answer is
known to be stored, and whether any item was ever given to two people. Sizes are measured in turns,
so that a slow minute of the machine hits all.

    python -m benchmarks.queue                  # 10k, 100k and 1M open entries; 1, 8, 50 reviewers
    python -m benchmarks.queue --quick --json   # under a minute
"""

from __future__ import annotations

import sys
from pathlib import Path

# Run as a script, this file's own folder comes first, and there it would itself be `import queue`.
sys.path[0] = str(Path(__file__).resolve().parents[1])

import argparse  # noqa: E402
import json  # noqa: E402
import subprocess  # noqa: E402
import time  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from statistics import median  # noqa: E402
from typing import Any  # noqa: E402

from benchmarks.cpu import cpu_seconds  # noqa: E402
from benchmarks.rig import ROOT, Rig, Site, machine, rig, table  # noqa: E402

PACE = 1.0
"""Seconds of thought of a paced reviewer, on average: faster than any person works for long."""


@dataclass
class Queue:
    """One site with so many open entries, and the people who work it off."""

    site: Site
    entries: int
    filled: dict[str, Any]
    answers: int = 0
    stored_before: int = 0


def main() -> None:
    asked = _parse()
    began = time.monotonic()
    with rig(asked.database) as stage:
        queues = [_fill(stage, size, asked) for size in asked.entries]
        rounds = [
            _work(queue, stage, people, pace, asked)
            for _ in range(asked.rounds)
            for people, pace in _crews(asked)
            for queue in queues
        ]
        claims = [_claims(queue, think, asked) for think in (0.0, 0.1) for queue in queues]
        asks = [queue.site.python_json("-m", "benchmarks.probes", "queries") for queue in queues]
        faults = [_check(queue) for queue in queues]
    report = {
        "benchmark": "queue",
        "machine": machine(),
        "database": asked.database,
        "history": asked.history,
        "answers_wanted": asked.wanted,
        "seconds_in_all": time.monotonic() - began,
        "reviews": _summed(rounds),
        "claims": claims,
        "queries_a_review": {
            queue.entries: asked_for["queries"]
            for queue, asked_for in zip(queues, asks, strict=True)
        },
        "faults": {queue.entries: found for queue, found in zip(queues, faults, strict=True)},
    }
    _tell(report)
    if asked.sql:
        print("\n".join(asks[-1]["sql"]))
    if asked.json:
        print(json.dumps(report))
    if any(count for found in faults for count in found.values()):
        sys.exit("duplicates or losses: see faults")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    number = {"type": int, "nargs": "+", "metavar": "N"}
    parser.add_argument("--entries", **number, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--reviewers", **number, default=[1, 8, 50])
    parser.add_argument("--rounds", type=int, default=3, help="of which the median is told")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each round")
    parser.add_argument("--history", type=int, default=1000, help="earlier answers of each person")
    parser.add_argument("--wanted", type=int, default=1, help="answers wanted of each entry")
    parser.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    parser.add_argument("--quick", action="store_true", help="one small round in under a minute")
    parser.add_argument("--json", action="store_true", help="all figures, as the last line")
    parser.add_argument("--sql", action="store_true", help="list the statements of one review")
    asked = parser.parse_args()
    if asked.quick:
        asked.entries, asked.reviewers = [10_000], [1, 8]
        asked.rounds, asked.seconds, asked.history = 1, 4.0, 100
    return asked


def _crews(asked: argparse.Namespace) -> list[tuple[int, float]]:
    """How many people work, at which pace: without a pause, and eight as fast as people can."""
    return [*((people, 0.0) for people in asked.reviewers), (8, PACE)]


def _fill(stage: Rig, size: int, asked: argparse.Namespace) -> Queue:
    site = stage.site(f"open_{size}")
    people = max(8, *asked.reviewers)
    filled = site.python_json(
        *("-m", "benchmarks.stock", "--open", str(size), "--people", str(people)),
        *("--history", str(asked.history), "--wanted", str(asked.wanted)),
    )
    site.start_web()
    print(f"filled {size:,} open entries", file=sys.stderr, flush=True)
    return Queue(site, size, filled, stored_before=people * asked.history)


def _work(
    queue: Queue, stage: Rig, people: int, pace: float, asked: argparse.Namespace
) -> dict[str, Any]:
    """One round: so many people for so long; CPU of every process involved."""
    spec = {
        "address": queue.site.address,
        "slug": queue.filled["slug"],
        "cookie": queue.filled["cookie"],
        "people": queue.filled["people"][:people],
        "seconds": asked.seconds,
        "pace": pace,
        "warm_up": 3,
    }
    crew = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.reviewers"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert crew.stdin is not None
    assert crew.stdout is not None
    crew.stdin.write(json.dumps(spec) + "\n")
    crew.stdin.flush()
    if crew.stdout.readline().strip() != "ready":
        raise SystemExit("the reviewers could not begin")
    before = _used(queue.site, stage)
    crew.stdin.write("go\n")
    crew.stdin.flush()
    told = json.loads(crew.stdout.readline())
    if not pace:
        # What the worker tidies up after so many answers is part of what they cost the database.
        # After the few of a paced round it would only blur the figure.
        queue.site.python("-m", "benchmarks.probes", "tidy")
    after = _used(queue.site, stage)
    crew.wait()
    queue.answers += told["answers"] + people * spec["warm_up"]
    answers = max(1, told["answers"])
    web, database = (
        (end - start) * 1000 / answers for start, end in zip(before, after, strict=True)
    )
    return {
        "entries": queue.entries,
        "reviewers": people,
        "pace": pace,
        "answers": told["answers"],
        "per_second": told["answers"] / told["seconds"],
        "cpu_ms": web + database,
        "web_ms": web,
        "database_ms": database,
        "client_ms": told["cpu_seconds"] * 1000 / answers,
        "kilobytes": told["bytes_a_review"] / 1000,
        "given_twice": told["given_twice"] if asked.wanted == 1 else 0,
        **_percentiles(told["milliseconds"]),
    }


def _used(site: Site, stage: Rig) -> tuple[float, float]:
    assert site.web is not None
    web = cpu_seconds(site.web.pid)
    return web, cpu_seconds(stage.postgres.pid) if stage.postgres else 0.0


def _claims(queue: Queue, think: float, asked: argparse.Namespace) -> dict[str, Any]:
    """Eight people claim through the action alone, and think for so long before they answer.

    Without a thought, eight threads crowd one Python process, and mostly wait for each other.
    """
    told = queue.site.python_json(
        *("-m", "benchmarks.probes", "claims", "--people", "8", "--seconds", str(asked.seconds)),
        *("--think", str(think)),
    )
    queue.answers += told["answers"]
    return {
        "entries": queue.entries,
        "reviewers": 8,
        "think": think,
        "claims": told["answers"],
        **_percentiles(told["milliseconds"]),
    }


def _check(queue: Queue) -> dict[str, int]:
    stored = queue.stored_before + queue.answers + 3  # `queries` has answered three
    found: dict[str, int] = queue.site.python_json(
        "-m", "benchmarks.probes", "check", "--answers", str(stored)
    )
    return found


def _percentiles(milliseconds: list[float]) -> dict[str, float]:
    def at(share: float) -> float:
        return milliseconds[min(len(milliseconds) - 1, int(share * len(milliseconds)))]

    return {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "slowest": milliseconds[-1]}


def _summed(rounds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The median of the rounds that measured the same; what must never be is summed."""
    kinds = dict.fromkeys((each["entries"], each["reviewers"], each["pace"]) for each in rounds)
    summed = []
    for kind in kinds:
        alike = [
            each for each in rounds if (each["entries"], each["reviewers"], each["pace"]) == kind
        ]
        told = {name: median(each[name] for each in alike) for name in alike[0]}
        told["given_twice"] = sum(each["given_twice"] for each in alike)
        summed.append(told)
    return sorted(summed, key=lambda told: (told["pace"], told["reviewers"], told["entries"]))


def _tell(report: dict[str, Any]) -> None:
    columns = {
        "entries": "open entries",
        "reviewers": "reviewers",
        "pace": "pace s",
        "per_second": "reviews/s",
        "cpu_ms": "CPU ms",
        "web_ms": "web",
        "database_ms": "database",
        "client_ms": "(client)",
        "p50": "p50 ms",
        "p95": "p95",
        "p99": "p99",
        "given_twice": "given twice",
    }
    print(f"One review through HTTP, {report['database']}: {report['machine']}")
    print(
        table([*columns.values()], [[row[name] for name in columns] for row in report["reviews"]])
    )
    print("\nThe claim alone, eight people, each thinking so many seconds before they answer:")
    names = ["entries", "think", "claims", "p50", "p95", "p99", "slowest"]
    print(table(names, [[row[name] for name in names] for row in report["claims"]]))
    print(f"\nQueries a review: {report['queries_a_review']}")
    print(f"Faults, all to be 0: {report['faults']}")


if __name__ == "__main__":
    main()
