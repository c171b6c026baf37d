"""An instance with people and work of every kind, to take pictures of."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import numpy as np

from reviewhub.services import Services
from scripts.pictures import drawn

PASSWORD = "a quiet harbour 7"  # noqa: S105  (of an instance that lives for minutes)
Json = dict[str, Any]
ITEMS = {"cells": 48, "many": 44, "patient": 28, "empty": 0}
OTHERS = 8
# Who works where, and as what.
PEOPLE = {
    "ada": ("cells", "reviewer"),
    "lena": ("cells", "lead"),
    "nuri": ("cells", "reviewer"),
    "ben": ("blind", "reviewer"),
    "cleo": ("empty", "reviewer"),
    "dora": ("boards", "reviewer"),
    "emil": ("orders", "reviewer"),
    "gil": ("many", "reviewer"),
    "gus": ("patient", "reviewer"),
    "gwen": ("many", "reviewer"),
    "gaby": ("patient", "reviewer"),
    "bea": ("boards-blind", "reviewer"),
    "flo": ("mails-blind", "reviewer"),
    "fay": ("mails", "reviewer"),
    "hana": ("cells", "reviewer"),
    "ivo": ("mails", "reviewer"),
}
UNREAD = {"hana"}
"""Who has never opened the guideline; all others have read it before they work."""

CELLS = [
    {"key": "ok", "name": "OK", "guideline": "Even grain, no dark line across a busbar."},
    {
        "key": "defect",
        "name": "Defect",
        "is_positive": True,
        "cost_of_miss": 5,
        "guideline": "A crack, a dead area or a broken finger.",
    },
]
PLATES: Json = {
    "slug": "boards",
    "name": "Plates, station 7",
    "kind": "object_detection",
    "labels": [
        {"key": "scratch", "name": "Scratch", "guideline": "Longer than a fingernail."},
        {"key": "missing_screw", "name": "Missing screw", "is_positive": True},
    ],
}
MANY: Json = {
    "slug": "many",
    "name": "Cells, many at once",
    "labels": CELLS,
    "blind_share": 0.5,
    # Few answers are evidence enough here: the pictures are of the page, not of the model.
    "review": {"grid_labels": ["ok"], "grid_precision": 0.5, "grid_seconds": 0.0},
}
MAILS: Json = {
    "slug": "mails",
    "name": "Mails, service desk",
    "kind": "text_classification",
    "labels": [
        {"key": "missing_part", "name": "Missing part"},
        {"key": "late", "name": "Late delivery"},
        {"key": "thanks", "name": "Thanks"},
    ],
}
PROJECTS: tuple[Json, ...] = (
    {"slug": "cells", "name": "Cells, line 3", "labels": CELLS},
    {"slug": "blind", "name": "Cells, judged blind", "labels": CELLS, "blind_share": 1.0},
    {"slug": "empty", "name": "Cells, nothing to do", "labels": CELLS},
    PLATES,
    {**PLATES, "slug": "boards-blind", "blind_share": 1.0},
    MANY,
    {**MANY, "slug": "patient", "review": {**MANY["review"], "grid_seconds": 60.0}},
    {
        "slug": "orders",
        "name": "Scanned orders",
        "labels": [
            {"key": "order", "name": "Order", "guideline": "Has a number and at least one line."},
            {"key": "complaint", "name": "Complaint"},
            {"key": "other", "name": "Something else"},
        ],
    },
    MAILS,
    {**MAILS, "slug": "mails-blind", "blind_share": 1.0},
)


def make(services: Services) -> None:
    """The projects with their predictions, and the people."""
    for project in PROJECTS:
        key = services.manage(
            "create_project", "-", "--issue-key", "predict", typed=json.dumps(_document(project))
        ).strip()
        for number in range(ITEMS.get(project["slug"], OTHERS)):
            _send(services.base_url, project, key, number)
    for name, (slug, role) in PEOPLE.items():
        services.manage("create_user", name, "--project", slug, "--role", role, typed=PASSWORD)


def revise(services: Services) -> None:
    """A new version of the mails' labels, for those who have read the one before."""
    labels = next(project["labels"] for project in PROJECTS if project["slug"] == "mails")
    damaged = {"key": "damaged", "name": "Damaged", "guideline": "It arrived, and it is broken."}
    document = {
        "labels": [*labels, damaged],
        "guidelines": "Judge what the customer wants. A message about two things is the first.",
        "mapping": {},
    }
    services.manage("revise_taxonomy", "mails", "-", typed=json.dumps(document))


def _document(project: Json) -> Json:
    blind_share = project.get("blind_share", 0.0)
    return {
        "guidelines": "Judge what the picture or the text shows, not how well it is made.",
        # Whatever is said, people look at it; an audit would be shown blind.
        "routing": {"low_confidence": 0.999, "disagreement": True, "audit_rate": 0.001},
        **{name: value for name, value in project.items() if name != "blind_share"},
        "review": {"blind_share": blind_share, "grace_seconds": 600, **project.get("review", {})},
    }


def _send(base_url: str, project: Json, key: str, number: int) -> None:
    """One prediction as any client sends it."""
    said, picture = prediction(project, number)
    body, kind = _multipart(json.dumps(said).encode(), picture)
    request = urllib.request.Request(  # noqa: S310  (our own server on loopback)
        f"{base_url}/api/v1/projects/{project['slug']}/predictions",
        data=body,
        headers={"Authorization": f"Bearer {key}", "Content-Type": kind},
    )
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310


def _multipart(said: bytes, picture: bytes | None) -> tuple[bytes, str]:
    if picture is None:
        return said, "application/json"
    disposition = b'\r\nContent-Disposition: form-data; name="'
    parts = [
        b"--drawn" + disposition + b'prediction"\r\n\r\n' + said,
        b"--drawn" + disposition + b'image"; filename="image.png"\r\n\r\n' + picture,
        b"--drawn--\r\n",
    ]
    return b"\r\n".join(parts), "multipart/form-data; boundary=drawn"


def prediction(project: Json, number: int) -> tuple[Json, bytes | None]:
    """What a made-up model says of an item of the project, and its picture."""
    chance = np.random.default_rng(number)
    sure = round(float(chance.uniform(0.5, 0.97)), 3)
    said: Json = {
        "external_id": f"{project['slug']}-{number:04d}",
        "predictor": {"name": "line-camera", "version": "1"},
    }
    if project.get("kind") == "object_detection":
        board = drawn.board(number)
        return {**said, "boxes": [*board.boxes], "image": {"part": "image"}}, board.picture
    if project.get("kind") == "text_classification":
        label, text = drawn.MAILS[number % len(drawn.MAILS)]
        # Now and then somebody tells the whole story.
        text = f"{text}\n\n" * (12 if number % 2 == 0 else 1)
        slices = {"channel": "mail", "language": "en"}
        return {**said, "text": text, "label": label, "confidence": sure, "slices": slices}, None
    picture = drawn.letter(number) if project["slug"] == "orders" else drawn.cell(number)
    keys = [label["key"] for label in project["labels"]]
    likely = keys[0] if project["slug"] in ("many", "patient") or number % 3 == 0 else keys[-1]
    said["probabilities"] = {likely: sure}
    return {**said, "image": {"part": "image"}}, picture
