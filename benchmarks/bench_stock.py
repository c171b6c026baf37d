"""What the workbench is timed with: `python -m benchmarks.bench_stock --items 60 --side 2048`.

Projects of three kinds with their queues full, and one reviewer who is logged in; prints addresses
and the session as one JSON document. Inside an instance's environment.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402  (settings come before all that reads them)

from annotations.actions.add_member import add_member  # noqa: E402
from annotations.actions.create_project import create_project  # noqa: E402
from annotations.actions.submit_predictions import (  # noqa: E402
    IncomingPrediction,
    submit_predictions,
)
from annotations.domain.labels import LabelSpec  # noqa: E402
from annotations.domain.reviewing import ReviewSpec  # noqa: E402
from annotations.domain.routing import Rules  # noqa: E402
from annotations.models import Project, Role, User  # noqa: E402
from benchmarks.people import session_of  # noqa: E402
from benchmarks.photos import photo  # noqa: E402
from reviewhub.common.actor import Actor  # noqa: E402
from reviewhub.common.clock import database_now  # noqa: E402

ME = Actor.system("benchmark")
KINDS = {
    "photos": "image_classification",
    "boxes": "object_detection",
    "texts": "text_classification",
    "large": "image_classification",
}
LARGE = 7304
"""The longer side of forty megapixels."""
BOXES = 200
LABELS = ("good", "crack", "scratch", "dust")
TEXT = "The parcel came a week late, and the cup in it is broken. Please send another one. "


def prepare(items: int, side: int) -> dict[str, Any]:
    now = database_now()
    user = User.objects.create(username="reviewer", password="!")  # noqa: S106 (none is "!")
    for slug, kind in KINDS.items():
        project = create_project(
            slug=slug,
            name=slug.title(),
            kind=kind,
            labels=[LabelSpec(key, key.title()) for key in LABELS],
            rules=Rules(low_confidence=1.0, audit_rate=1e-6),
            review=ReviewSpec(blind_share=0.0),
            actor=ME,
            now=now,
        )
        add_member(project=project, user=user, role=Role.REVIEWER, actor=ME, now=now)
        _fill(project, items=_items(slug, items), side=LARGE if slug == "large" else side)
    return {
        "cookie": settings.SESSION_COOKIE_NAME,
        "session": session_of(user),
        "paths": {slug: f"/p/{slug}/review" for slug in KINDS},
    }


def _items(slug: str, items: int) -> int:
    return {"photos": items, "large": 2}.get(slug, 8)


def _fill(project: Project, *, items: int, side: int) -> None:
    """One by one: so many photos of three megapixels are not held in memory at once."""
    for number in range(items):
        verdicts = submit_predictions(
            project=project, actor=ME, batch=[_sent(project, number, side)], now=database_now()
        )
        if verdicts[0].error is not None:
            raise verdicts[0].error


def _sent(project: Project, number: int, side: int) -> IncomingPrediction:
    odds = {"crack": 0.6, "good": 0.2, "scratch": 0.1, "dust": 0.1}
    given: dict[str, Any] = {"answer": {"probabilities": odds}}
    if project.kind == "object_detection":
        given = {"answer": {"boxes": [_box(n) for n in range(BOXES)]}}
    if project.kind == "text_classification":
        given["text"] = TEXT * (4 + number)
    else:
        given["image"] = photo(number, size=(side, side * 3 // 4))
    return IncomingPrediction(f"{project.slug}-{number}", "line", "1", None, **given)


def _box(number: int) -> dict[str, Any]:
    place = {"x": number % 20 * 50, "y": number // 20 * 40, "width": 40, "height": 30}
    return {"label": LABELS[number % 4], "score": 0.6, **place}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=60)
    parser.add_argument("--side", type=int, default=2048)
    asked = parser.parse_args()
    print(json.dumps(prepare(asked.items, asked.side)))


if __name__ == "__main__":
    main()
