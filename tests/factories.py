"""Things that tests begin with, each made by the action that makes it in real life.

    cells = project()
    rita, lena = reviewer(cells), lead(cells)
    key, secret = api_key(cells, "predict")
    entry = queued(cells)

Names that are left out are unique; times that are left out are the present.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count
from random import Random
from typing import Any

from django.test import Client
from PIL import Image

from annotations.actions.add_member import add_member
from annotations.actions.create_project import create_project
from annotations.actions.create_user import create_user
from annotations.actions.import_annotations import IncomingAnnotation, import_annotations
from annotations.actions.issue_api_key import issue_api_key
from annotations.actions.submit_predictions import (
    IncomingPrediction,
    SubmissionVerdict,
    submit_predictions,
)
from annotations.actions.upload_image import upload_image
from annotations.domain.labels import LabelSpec
from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import Rules
from annotations.models import (
    ApiKey,
    Item,
    Prediction,
    Project,
    QueueEntry,
    Role,
    StoredImage,
    User,
    Verb,
)
from reviewhub.common.actor import Actor

TESTER = Actor.system("tests")
PASSWORD = "a quiet harbour 7"
GOOD, DEFECT = "good", "defect"
LABELS = (
    LabelSpec(GOOD, "Good", cost_of_false_alarm=1.0),
    LabelSpec(DEFECT, "Defect", is_positive=True, cost_of_miss=5.0),
)
EVERYTHING_QUEUED = Rules(low_confidence=1.0, disagreement=True, audit_rate=1e-6)
EVERYTHING_AUDITED = Rules(audit_rate=1.0)
NOTHING_QUEUED = Rules(low_confidence=None, disagreement=False, audit_rate=1e-6)

_numbers = count(1)


def present() -> datetime:
    return datetime.now(UTC)


def project(
    slug: str = "",
    *,
    labels: Sequence[LabelSpec] = LABELS,
    rules: Rules = EVERYTHING_QUEUED,
    review: ReviewSpec | None = None,
    now: datetime | None = None,
    **fields: Any,
) -> Project:
    """Two labels, `good` and `defect`; one answer settles, approved at once when it is due.

    Every prediction below a confidence of 1 is queued; none is drawn for audit, none is blind.
    """
    slug = slug or f"project-{next(_numbers)}"
    return create_project(
        slug=slug,
        labels=labels,
        rules=rules,
        review=review or ReviewSpec(grace_seconds=0, blind_share=0.0),
        actor=TESTER,
        now=now or present(),
        **{"name": slug.title(), "kind": "image_classification", **fields},
    )


def stranger(username: str = "", *, now: datetime | None = None) -> User:
    """A person who is member of nothing; every person's password is PASSWORD."""
    return _person(username or f"stranger-{next(_numbers)}", now=now)


def reviewer(of: Project, username: str = "", *, now: datetime | None = None) -> User:
    return _member(of, Role.REVIEWER, username, now)


def lead(of: Project, username: str = "", *, now: datetime | None = None) -> User:
    return _member(of, Role.LEAD, username, now)


def operator(username: str = "", *, now: datetime | None = None) -> User:
    """Superuser and staff: the admin and every project are open."""
    return _person(username or f"operator-{next(_numbers)}", operator=True, now=now)


def api_key(
    of: Project,
    *verbs: str,
    name: str = "a client",
    lasts: timedelta = timedelta(days=30),
    now: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A key and its secret; without verbs it may do everything."""
    now = now or present()
    return issue_api_key(
        project=of,
        name=name,
        verbs=verbs or Verb.values,
        expires_at=now + lasts,
        actor=TESTER,
        now=now,
    )


def bearer(secret: str) -> dict[str, str]:
    """For `client.get(…, headers=bearer(secret))`."""
    return {"Authorization": f"Bearer {secret}"}


def image_bytes(seed: int = 0, *, size: tuple[int, int] = (32, 24), form: str = "PNG") -> bytes:
    """A small picture; another seed is another picture."""
    width, height = size
    pixels = Random(seed).randbytes(width * height * 3)
    buffer = BytesIO()
    Image.frombytes("RGB", size, pixels).save(buffer, form)
    return buffer.getvalue()


def image(of: Project, seed: int = 0, *, now: datetime | None = None) -> StoredImage:
    data = image_bytes(seed)
    return upload_image(project=of, data=data, actor=TESTER, now=now or present())


def incoming(
    external_id: str = "",
    *,
    label: str = DEFECT,
    confidence: float = 0.9,
    predictor: str = "line-camera",
    version: str = "1",
    seed: int | None = None,
    **fields: Any,
) -> IncomingPrediction:
    """What a client says of one of two labels; `image` defaults to bytes of their own."""
    number = next(_numbers)
    other = GOOD if label == DEFECT else DEFECT
    said = {label: confidence, other: round(1 - confidence, 6)}
    given = {
        "taxonomy_number": None,
        "answer": fields.pop("probabilities", said),
        "image": image_bytes(number if seed is None else seed),
        **fields,
    }
    return IncomingPrediction(external_id or f"item-{number}", predictor, version, **given)


def submit(
    to: Project, *batch: IncomingPrediction, now: datetime | None = None
) -> list[SubmissionVerdict]:
    return submit_predictions(project=to, actor=TESTER, batch=batch, now=now or present())


def prediction(of: Project, *, now: datetime | None = None, **fields: Any) -> Prediction:
    """One stored and routed prediction; fields as for `incoming`."""
    (verdict,) = submit(of, incoming(**fields), now=now)
    if verdict.error is not None:
        raise verdict.error
    return Prediction.objects.select_related("item").get(uid=verdict.prediction_uid)


def queued(of: Project, *, now: datetime | None = None, **fields: Any) -> QueueEntry:
    """The entry of one prediction that people must see (under EVERYTHING_QUEUED)."""
    stored = prediction(of, now=now, **{"confidence": 0.6, **fields})
    return QueueEntry.objects.get(item=stored.item)


def annotated(
    of: Project, external_id: str = "", *, label: str = GOOD, now: datetime | None = None
) -> Item:
    """An item whose label was known when it came: imported and approved."""
    number = next(_numbers)
    sent = IncomingAnnotation(external_id or f"known-{number}", label, image_bytes(number))
    batch = [sent]
    (verdict,) = import_annotations(project=of, actor=TESTER, batch=batch, now=now or present())
    if verdict.error is not None:
        raise verdict.error
    return Item.objects.get(uid=verdict.item_uid)


def log_in(client: Client, username: str, password: str = PASSWORD) -> bool:
    """By the login page, as people do; whether it let them in."""
    told = client.post("/login", {"username": username, "password": password})
    return told.status_code == 302


def _member(of: Project, role: Role, username: str, now: datetime | None) -> User:
    user = _person(username or f"{role}-{next(_numbers)}", now=now)
    add_member(project=of, user=user, role=role, actor=TESTER, now=now or present())
    return user


def _person(username: str, *, operator: bool = False, now: datetime | None = None) -> User:
    return create_user(
        username=username, password=PASSWORD, operator=operator, actor=TESTER, now=now or present()
    )
