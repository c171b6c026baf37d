"""Projects of the three kinds, and what their clients send; inside an instance's environment.

`python -m benchmarks.traffic prepare --stock 1000000` prints keys and images to send with;
`bare --images 40` prints what decoding and derivatives alone cost; `stored` counts what arrived.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402  (settings come before all that reads them)

from annotations.actions.create_project import create_project  # noqa: E402
from annotations.actions.issue_api_key import issue_api_key  # noqa: E402
from annotations.actions.upload_image import upload_image  # noqa: E402
from annotations.domain.labels import LabelSpec  # noqa: E402
from annotations.domain.pixels import decode  # noqa: E402
from annotations.domain.reviewing import ReviewSpec  # noqa: E402
from annotations.domain.routing import AuditBudget, Rules  # noqa: E402
from annotations.media import DISPLAY_SIDE, derivatives_of  # noqa: E402
from annotations.models import (  # noqa: E402
    ApiKey,
    Item,
    ItemContent,
    Prediction,
    Predictor,
    Project,
    QueueEntry,
    Route,
)
from benchmarks import stock  # noqa: E402
from benchmarks.photos import photo  # noqa: E402
from reviewhub.common.actor import Actor  # noqa: E402
from reviewhub.common.clock import database_now  # noqa: E402

ME = Actor.system("benchmark")
IMAGES = 200
KEPT_SHARE = 10
"""One in so many of the stock waits for people; the rest was accepted."""

KINDS = {
    "parts": ("image_classification", ("good", "crack", "scratch", "dust")),
    "boxes": ("object_detection", ("crack", "scratch", "inclusion", "dust")),
    "messages": (
        "text_classification",
        ("refund", "delivery", "complaint", "question", "praise", "spam"),
    ),
}
FINDINGS = {"crack", "scratch", "inclusion", "complaint"}
# What a busy plant would ask for: about one prediction in eight goes to people.
RULES = Rules(
    low_confidence=0.55,
    disagreement=True,
    audit_budget=AuditBudget(per_day=50_000, expected_per_day=1_000_000),
)


def prepare(rows: int) -> dict[str, Any]:
    """The three projects, each with a key and images; `rows` predictions stand in the first."""
    now = database_now()
    projects = {slug: _project(slug, now - timedelta(days=30)) for slug in KINDS}
    if rows:
        _fill(projects["parts"], rows, now - timedelta(days=1))
    return {
        slug: {"key": _key(project, now), "images": _images(project, now)}
        for slug, project in projects.items()
    }


def bare(images: int) -> dict[str, float]:
    """CPU milliseconds an image costs by itself: decoded once, both derivatives made of it."""
    photos = [photo(seed) for seed in range(images)]
    began = time.process_time()
    for data in photos:
        _, pixels = decode(data, enough=DISPLAY_SIDE)
        derivatives_of(pixels)
    return {"milliseconds": (time.process_time() - began) * 1000 / images}


def stored() -> dict[str, int]:
    """Rows that must agree: every prediction has an item of its own and one first route."""
    return {
        "items": Item.objects.count(),
        "predictions": Prediction.objects.count(),
        "first_routes": Route.objects.filter(sequence=1).count(),
    }


def _project(slug: str, now: Any) -> Project:
    kind, labels = KINDS[slug]
    return create_project(
        slug=slug,
        name=slug.title(),
        kind=kind,
        labels=[
            LabelSpec(key, key.title(), is_positive=key in FINDINGS, cost_of_miss=5.0)
            for key in labels
        ],
        rules=RULES,
        review=ReviewSpec(),
        actor=ME,
        now=now,
    )


def _key(project: Project, now: Any) -> str:
    key, secret = issue_api_key(
        project=project,
        name="line",
        verbs=["predict"],
        expires_at=now + timedelta(days=1),
        actor=ME,
        now=now,
    )
    ApiKey.objects.filter(pk=key.pk).update(
        calls_per_minute=10_000_000, predictions_per_minute=100_000_000
    )
    return secret


def _images(project: Project, now: Any) -> list[str]:
    if project.kind == "text_classification":
        return []
    small = [photo(seed, size=(320, 240)) for seed in range(IMAGES)]
    return [str(upload_image(project=project, data=data, actor=ME, now=now).uid) for data in small]


def _fill(project: Project, rows: int, then: Any) -> None:
    """Rows 1 to `rows`, the first of them in the queue."""
    predictor = Predictor.objects.create(
        project=project,
        name="line-camera",
        version="0",
        taxonomy=project.taxonomies.get(),
        origin="client",
        created_at=then,
    )
    sql = stock.SQL[connection.vendor]
    uid = sql["uid"]
    own, everything, queued = {"project_id": project.pk}, (1, rows), (1, rows // KEPT_SHARE)
    facts = {**own, "received_at": then, "slices": {"line": "3"}}
    stock.insert(
        Item,
        everything,
        {**facts, "fold": "learn", "content_digest": "0" * 64},
        {"uid": uid, "external_id": "'stock-' || n"},
    )
    stock.insert(ItemContent, everything, {"metadata": {}, "text": "erased"}, {"item_id": "n"})
    stock.insert(
        Prediction,
        everything,
        {**own, "predictor_id": predictor.pk, "received_at": then, "label_key": "good"}
        | {"answer": {"good": 0.9, "crack": 0.05, "scratch": 0.03, "dust": 0.02}},
        {"uid": uid, "item_id": "n", "confidence": "0.5 + 0.5 * " + sql["dice"]},
    )
    route = {
        "policy_id": project.routing_policies.get().pk,
        "reasons": [],
        "audited": False,
        "inclusion_probability": 0.05,
        "draw": 0.5,
        "created_at": then,
        "sequence": 1,
    }
    stock.insert(Route, queued, {**route, "outcome": "queued"}, {"prediction_id": "n"})
    accepted = (queued[1] + 1, rows)
    stock.insert(Route, accepted, {**route, "outcome": "accepted"}, {"prediction_id": "n"})
    policy = project.review_policies.get()
    stock.insert(
        QueueEntry,
        queued,
        {**own, "taxonomy_id": predictor.taxonomy_id, "policy_id": policy.pk}
        | {"created_at": then, "state_changed_at": then, "answers_wanted": 1, "slots_open": 1},
        {"uid": uid, "item_id": "n", "prediction_id": "n"}
        | {"sort_key": f"{then.timestamp()} + 86400 * {sql['dice']}"},
    )
    stock.settle_down()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["prepare", "bare", "stored"])
    parser.add_argument("--stock", type=int, default=0)
    parser.add_argument("--images", type=int, default=40)
    asked = parser.parse_args()
    told: Any = {
        "prepare": lambda: prepare(asked.stock),
        "bare": lambda: bare(asked.images),
        "stored": stored,
    }[asked.what]()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
