"""Projects, predictions and entries of the kinds that are not images with one label.

parts = boxes_project()
entry = queued_boxes(parts, box("defect", score=0.6))

mail = texts_project()
entry = queued_text(mail, "Where is my parcel?", label=DEFECT)
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from annotations.actions.submit_review import submit_review
from annotations.models import Project, QueueEntry, Review, User
from tests.factories import DEFECT, prediction, present, project


def boxes_project(slug: str = "", **fields: Any) -> Project:
    return project(slug, kind="object_detection", **fields)


def texts_project(slug: str = "", **fields: Any) -> Project:
    return project(slug, kind="text_classification", **fields)


def box(
    label: str = DEFECT,
    x: float = 4,
    y: float = 5,
    width: float = 10,
    height: float = 8,
    *,
    score: float = 0.6,
) -> dict[str, Any]:
    """A predicted box in the 32 x 24 pixels of the pictures of `factories`."""
    return {"label": label, "score": score, "x": x, "y": y, "width": width, "height": height}


def drawn(*boxes: dict[str, Any]) -> list[dict[str, Any]]:
    """The same boxes as a person draws them."""
    return [{name: one[name] for name in one if name != "score"} for one in boxes]


def queued_boxes(of: Project, *boxes: dict[str, Any], **fields: Any) -> QueueEntry:
    """The entry of one prediction of boxes; none at all is queued where everything is audited."""
    stored = prediction(of, probabilities={"boxes": [*boxes]}, **fields)
    return QueueEntry.objects.get(item=stored.item)


def queued_text(of: Project, text: str, *, label: str = DEFECT, **fields: Any) -> QueueEntry:
    """The entry of one text; `said` is the whole answer where `label` is not enough."""
    said = {"label": label, "confidence": fields.pop("confidence", 0.6)}
    said = fields.pop("said", said)
    stored = prediction(of, image=None, text=text, probabilities=said, **fields)
    return QueueEntry.objects.get(item=stored.item)


def answered(of: Project, entry: QueueEntry, by: User, verdict: str, **fields: Any) -> Review:
    return submit_review(
        project=of,
        entry_uid=entry.uid,
        reviewer=by,
        verdict=verdict,  # type: ignore[arg-type]
        token=fields.pop("token", None) or uuid4(),
        seconds=7.5,
        now=present(),
        **fields,
    )
