"""A project in the middle of its life, written by SQL in a minute where the API would take hours.

`python -m benchmarks.stock --open 1000000 --people 50 --history 1000` inside an instance's
environment prints who may log in.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402  (settings come before all that reads them)
from django.core.management.color import no_style  # noqa: E402
from django.db import connection, models  # noqa: E402

from annotations.actions.check_counters import check_counters  # noqa: E402
from annotations.actions.create_project import create_project  # noqa: E402
from annotations.domain.labels import LabelSpec  # noqa: E402
from annotations.domain.reviewing import ReviewSpec  # noqa: E402
from annotations.domain.routing import Rules  # noqa: E402
from annotations.models import (  # noqa: E402
    Annotation,
    Approval,
    Assignment,
    Item,
    ItemContent,
    Prediction,
    Predictor,
    Project,
    QueueEntry,
    Review,
    Route,
    StoredImage,
    User,
)
from benchmarks.people import person, session_of  # noqa: E402
from reviewhub.common.actor import Actor  # noqa: E402
from reviewhub.common.clock import database_now  # noqa: E402

SLUG = "cells"
LABELS = (
    LabelSpec("good", "Good", guideline="No crack reaches a busbar."),
    LabelSpec("crack", "Crack", is_positive=True, guideline="A dark line across the cell."),
    LabelSpec("inactive", "Inactive area", is_positive=True, guideline="A dark field."),
    LabelSpec("finger", "Finger failure", is_positive=True, guideline="Dark stripes."),
)

# Of row n: a UUID in order of n as uuid7 makes them, and a number in [0, 1) without any order.
SQL = {
    "postgresql": {
        "rows": "FROM generate_series({first}::bigint, {last}::bigint) AS s(n)",
        "uid": "('0190' || lpad(to_hex(n), 28, '0'))::uuid",
        "dice": "(((n * 7919) %% 1000003) / 1000003.0)",
    },
    "sqlite": {
        "rows": "FROM s",
        "uid": "('0190' || printf('%%028x', n))",
        "dice": "(((n * 7919) %% 1000003) / 1000003.0)",
    },
}


def fill(*, waiting: int, people: int, history: int, wanted: int) -> dict[str, Any]:
    """`waiting` open entries, and `history` approved ones that each person has answered."""
    now = database_now()
    project = create_project(
        slug=SLUG,
        name="Cells",
        kind="image_classification",
        labels=LABELS,
        rules=Rules(low_confidence=1.0, disagreement=True, audit_rate=1e-6),
        review=ReviewSpec(answers_wanted=wanted, agreement_needed=wanted),
        actor=Actor.system("benchmark"),
        now=now - timedelta(days=30),
    )
    users = [person(project, number) for number in range(people)]
    answered = people * history
    _write(project, users, waiting, answered, now - timedelta(days=1))
    check_counters(project=project, repair=True)  # the rows came past the deeds that count them
    settle_down()
    return {
        "slug": SLUG,
        "cookie": settings.SESSION_COOKIE_NAME,
        "people": [session_of(user) for user in users],
        "entries": waiting + answered,
    }


def _write(project: Project, users: list[User], waiting: int, answered: int, then: Any) -> None:
    """Rows 1 to `answered` are settled and approved, the rest waits."""
    taxonomy = project.taxonomies.get()
    policy = project.review_policies.get()
    routing = project.routing_policies.get()
    predictor = Predictor.objects.create(
        project=project,
        name="line-camera",
        version="1",
        taxonomy=taxonomy,
        origin="client",
        created_at=then,
    )
    sql, everything, old = SQL[connection.vendor], (1, answered + waiting), (1, answered)
    own = {"project_id": project.pk}
    insert(
        StoredImage,
        everything,
        {**own, "format": "PNG", "width": 300, "height": 300, "byte_size": 90_000}
        | {"created_at": then},
        {"uid": sql["uid"], "sha256": f"md5_of({sql['uid']})", "original_key": "'o/' || n"}
        | {"display_key": "'d/' || n", "thumbnail_key": "'t/' || n"},
    )
    insert(
        Item,
        everything,
        {**own, "fold": "learn", "content_digest": "0" * 64, "received_at": then},
        {"uid": sql["uid"], "external_id": "'cell-' || n"},
    )
    insert(ItemContent, everything, {"metadata": {}}, {"item_id": "n", "image_id": "n"})
    insert(
        Prediction,
        everything,
        {
            **own,
            "predictor_id": predictor.pk,
            "answer": {"crack": 0.6, "good": 0.4},
            "received_at": then,
        }
        | {"label_key": "crack"},
        {"uid": sql["uid"], "item_id": "n", "confidence": "0.5 + 0.4 * " + sql["dice"]},
    )
    reasons = [{"name": "low_confidence", "detail": {"confidence": 0.6, "below": 1.0}}]
    insert(
        Route,
        everything,
        {"policy_id": routing.pk, "outcome": "queued", "reasons": reasons, "audited": False}
        | {"inclusion_probability": 1e-6, "draw": 0.5, "created_at": then, "sequence": 1},
        {"prediction_id": "n"},
    )
    entry = {**own, "taxonomy_id": taxonomy.pk, "policy_id": policy.pk, "created_at": then} | {
        "answers_wanted": policy.answers_wanted,
        "state_changed_at": then,
        "predicted_key": "crack",
    }
    named = {"uid": sql["uid"], "item_id": "n", "prediction_id": "n"} | {
        "sort_key": f"{then.timestamp()} + 86400 * {sql['dice']}",
        "blind": f"({sql['dice']} < 0.2)",
    }
    # What is settled had one answer, from before more were wanted.
    done = {**entry, "state": "approved", "slots_open": 0, "answers_wanted": 1, "answers_given": 1}
    insert(QueueEntry, old, done, named)
    new = {**entry, "state": "awaiting_review", "slots_open": policy.answers_wanted}
    insert(QueueEntry, (answered + 1, answered + waiting), new, named)
    _write_answers(users, taxonomy.pk, old, then)


def _before(then: datetime) -> str:
    """So many seconds before a moment as the row's number says: no two answers at one time."""
    text = then.strftime("%Y-%m-%d %H:%M:%S")
    if connection.vendor == "postgresql":
        return f"timestamptz '{text}+00' - n * interval '1 second'"
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', '{text}', '-' || n || ' seconds')"


def _write_answers(users: list[User], taxonomy_id: int, rows: tuple[int, int], then: Any) -> None:
    """In turns, one person after the other."""
    uid = SQL[connection.vendor]["uid"]
    who = f"{users[0].pk} + n % {len(users)}".replace("%", "%%")
    insert(
        Assignment,
        rows,
        {"state": "answered", "claimed_at": then, "lease_until": then, "ended_at": then},
        {"uid": uid, "entry_id": "n", "reviewer_id": who},
    )
    insert(
        Review,
        rows,
        {"verdict": "confirmed", "label_key": "crack", "blind": False, "seconds": 4.0}
        | {"effective": True},
        {
            "created_at": _before(then),
            "uid": uid,
            "token": uid,
            "entry_id": "n",
            "assignment_id": "n",
            "reviewer_id": who,
        },
    )
    insert(
        Annotation,
        rows,
        {"taxonomy_id": taxonomy_id, "number": 1, "outcome": "label", "label_key": "crack"}
        | {"how": "single", "created_at": then},
        {"uid": uid, "item_id": "n", "entry_id": "n"},
    )
    insert(
        Approval, rows, {"policy": "review policy 1", "created_at": then}, {"annotation_id": "n"}
    )


def insert(
    model: type[models.Model],
    rows: tuple[int, int],
    values: Mapping[str, Any],
    expressions: Mapping[str, str],
) -> None:
    """One INSERT … SELECT; a field that is not named gets its default, the id is the row's n."""
    first, last = rows
    if first > last:
        return
    columns, selected, parameters = [], [], []
    for field in model._meta.concrete_fields:
        name = field.attname
        columns.append(f'"{field.column}"')
        if name in expressions:
            selected.append(_expression(expressions[name]))
        elif field.primary_key:
            selected.append("n")
        else:
            value = values[name] if name in values else field.get_default()
            selected.append("%s")
            parameters.append(field.get_db_prep_save(value, connection))
    source = SQL[connection.vendor]["rows"].format(first=first, last=last)
    series = ""
    if connection.vendor == "sqlite":
        step = f"SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last}"  # noqa: S608
        series = f"WITH RECURSIVE s(n) AS ({step}) "
    into = f'INSERT INTO "{model._meta.db_table}" ({", ".join(columns)})'
    casts = [
        f"CAST({each} AS {field.db_type(connection)})"
        if each == "%s" and connection.vendor == "postgresql"
        else each
        for each, field in zip(selected, model._meta.concrete_fields, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"{into} {series} SELECT {', '.join(casts)} {source}", parameters)


def _expression(text: str) -> str:
    digest = (
        "md5({0}::text) || md5({0}::text)" if connection.vendor == "postgresql" else "{0} || {0}"
    )
    if text.startswith("md5_of("):
        return digest.format(text[len("md5_of(") : -1])
    return text


def settle_down() -> None:
    """Sequences after the last row, statistics as autovacuum would have made them by then."""
    written = [StoredImage, Item, Prediction, Route, QueueEntry, Assignment, Review]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(
            no_style(), [*written, Annotation, Approval]
        ):
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM (ANALYZE)")
            cursor.execute("CHECKPOINT")
        else:
            cursor.execute("ANALYZE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, default=10_000)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--history", type=int, default=1000)
    parser.add_argument("--wanted", type=int, default=1)
    asked = parser.parse_args()
    told = fill(waiting=asked.open, people=asked.people, history=asked.history, wanted=asked.wanted)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
