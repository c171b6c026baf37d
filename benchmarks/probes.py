"""Looks into an instance that is being measured: `python -m benchmarks.probes check|queries|…`.

`check` counts what must never be there; `queries` lists what one review asks of the database;
`claims` lets people claim without the web in between; `tidy` does what the worker does beside it.
"""

from __future__ import annotations

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import django

django.setup()

from django.db import connection, connections, models  # noqa: E402  (settings come first)
from django.db.models import Count, F  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from annotations.actions.approve_due import approve_due  # noqa: E402
from annotations.actions.check_counters import check_counters  # noqa: E402
from annotations.actions.claim_next import claim_next  # noqa: E402
from annotations.actions.submit_review import submit_review  # noqa: E402
from annotations.actions.sweep_leases import sweep_leases  # noqa: E402
from annotations.models import Assignment, Project, QueueEntry, Review, User  # noqa: E402
from benchmarks.people import BACKEND  # noqa: E402
from benchmarks.stock import LABELS, SLUG  # noqa: E402
from reviewhub.common import tally  # noqa: E402
from reviewhub.common.clock import database_now  # noqa: E402
from reviewhub.common.ids import uuid7  # noqa: E402

WARM_UP = 3
"""Claims of each person that do not count: a new connection plans its statements first."""


def check(*, answers: int) -> dict[str, int]:
    """What must be 0: answers lost, or given twice, or slots held or filled beyond those wanted."""
    stored = Review.objects.filter(effective=True)
    twice = stored.values("entry", "reviewer").annotate(times=Count("pk")).filter(times__gt=1)
    given = (
        QueueEntry.objects.annotate(
            given=Count("reviews", filter=models.Q(reviews__effective=True))
        )
        .exclude(given=F("answers_given"))
        .count()
    )
    too_many = QueueEntry.objects.filter(answers_given__gt=F("answers_wanted")).count()
    held = Assignment.objects.filter(state="held").values("entry").annotate(held=Count("pk"))
    crowded = sum(
        1
        for row in held.values("held", "entry__answers_wanted", "entry__answers_given")
        if row["held"] + row["entry__answers_given"] > row["entry__answers_wanted"]
    )
    project = Project.objects.get(slug=SLUG)
    return {
        "counters_wrong": len(check_counters(project=project)),
        "lost": answers - stored.count(),
        "answered_twice": twice.count(),
        "miscounted": given,
        "beyond_wanted": too_many,
        "held_beyond_wanted": crowded,
    }


def queries() -> dict[str, Any]:
    """What one answer, and the item that takes its place, ask of the database by the door."""
    client = Client(headers={"X-Bench": "1"}, SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(username="reviewer-0"), BACKEND)
    items = client.get(f"/p/{SLUG}/review/ahead").json()["items"]
    asked: list[str] = []
    for _ in range(3):
        item = items.pop(0)["html"]
        form = {
            name: item.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]
            for name in ("entry", "token", "started")
        }
        have = ",".join(each["entry"] for each in items)
        answer = {**form, "verdict": "label", "label": LABELS[0].key, "have": have}
        with CaptureQueriesContext(connection) as captured:
            told = client.post(f"/p/{SLUG}/review/answer", answer).json()
        items += told["items"]
        asked = [query["sql"] for query in captured]
    return {"queries": len(asked), "sql": asked}


def claims(*, people: int, seconds: float, think: float) -> dict[str, Any]:
    """Each person claims, thinks and answers; milliseconds of every claim."""
    project = Project.objects.get(slug=SLUG)
    users = list(User.objects.filter(username__startswith="reviewer-").order_by("pk")[:people])
    gate = Barrier(people)

    def work(user: User) -> list[float]:
        took = []
        gate.wait()
        until = time.perf_counter() + seconds
        while (began := time.perf_counter()) < until:
            lease = claim_next(project=project, reviewer=user, now=database_now())
            if lease is None:
                break
            took.append((time.perf_counter() - began) * 1000)
            time.sleep(think)
            submit_review(
                project=project,
                entry_uid=lease.entry.uid,
                reviewer=user,
                verdict="label",
                label_key=LABELS[0].key,
                token=uuid7(),
                seconds=1.0,
                now=database_now(),
            )
        connections.close_all()
        return took

    with ThreadPoolExecutor(people) as pool:
        parts = list(pool.map(work, users))
    took = [each for part in parts for each in part[WARM_UP:]]
    return {"milliseconds": sorted(took), "answers": sum(map(len, parts))}


def tidy() -> dict[str, int]:
    """The worker's periodic share: counters folded, leases swept, what is due approved."""
    now = database_now()
    return {
        "folded": tally.fold(),
        "swept": sweep_leases(now=now),
        "approved": approve_due(now=now),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["check", "queries", "claims", "tidy"])
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--answers", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--think", type=float, default=0.0)
    asked = parser.parse_args()
    told: Any = {
        "check": lambda: check(answers=asked.answers),
        "queries": queries,
        "claims": lambda: claims(people=asked.people, seconds=asked.seconds, think=asked.think),
        "tidy": tidy,
    }[asked.what]()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
