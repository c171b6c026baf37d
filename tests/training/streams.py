"""Streams of coloured pictures or short texts, for what looks at items by their embeddings.

use_colours(settings, tmp_path)
cells = project(rules=LOOKING)
champion = learned(cells, RED, 120)
reds, blues = arrive(cells, RED, 5), arrive(cells, BLUE, 5)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from annotations.actions.import_annotations import IncomingAnnotation, import_annotations
from annotations.domain.intake import IncomingPrediction
from annotations.domain.routing import Learning, Novelty, Rules
from annotations.models import Annotation, Approval, Item, Prediction, Project
from tests.factories import DEFECT, GOOD, TESTER, incoming, present, submit
from tests.training.builders import SIZE, colour_backbone, first_champion
from training.models import ModelVersion, SnapshotMember

RED, BLUE, GREEN = (200, 40, 40), (40, 40, 200), (40, 200, 40)
LOOKING = Rules(audit_rate=1e-6, novelty=Novelty(p_value=0.05))
LEARNING = Rules(audit_rate=1e-6, learning=Learning(budget_per_day=4))
FOLDS = ("learn", "learn", "learn", "validate", "evaluate")


def use_colours(settings, folder: Path) -> str:
    """The backbone of this machine is that of three numbers; returns its digest."""
    settings.REVIEWHUB_VAR_DIR = folder
    place = folder / "backbones" / "efficientnet_lite0"
    place.mkdir(parents=True)
    return colour_backbone(place).digest


def _fresh(of: Project, number: int) -> range:
    """Seeds that are new in this project; the same ones whichever tests ran before."""
    first = Item.objects.filter(project=of).count() + 1
    return range(first, first + number)


def tinted(colour: Sequence[int], seed: int) -> bytes:
    """A picture of about this colour; no two seeds give the same shade."""
    chance = np.random.default_rng(seed)
    shade = np.clip(np.array(colour) + chance.normal(0, 12, 3), 0, 255)
    pixels = np.clip(shade + chance.normal(0, 3, (SIZE, SIZE, 3)), 0, 255).astype(np.uint8)
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def known(
    of: Project, colour: Sequence[int], number: int, *, now: datetime | None = None
) -> list[Item]:
    """Imported and approved items, three fifths of them in the learn fold."""
    seeds = _fresh(of, number)
    batch = [
        IncomingAnnotation(f"known-{seed}", DEFECT if seed % 2 else GOOD, tinted(colour, seed))
        for seed in seeds
    ]
    told = import_annotations(project=of, actor=TESTER, batch=batch, now=now or present())
    items = list(Item.objects.filter(uid__in=[one.item_uid for one in told]).order_by("pk"))
    for at, item in enumerate(items):
        item.fold = FOLDS[at % len(FOLDS)]
    Item.objects.bulk_update(items, ["fold"])
    return items


def learned(of: Project, colour: Sequence[int], number: int, *, digest: str) -> ModelVersion:
    """A champion whose snapshot holds approved items of one colour."""
    items = known(of, colour, number)
    champion = first_champion(of, frozen_at=present(), backbone_digest=digest)
    annotations = {row.item_id: row.pk for row in Annotation.objects.filter(item__in=items)}
    SnapshotMember.objects.bulk_create(
        SnapshotMember(
            snapshot=champion.snapshot,
            annotation_id=annotations[item.pk],
            fold=item.fold,
            recent=False,
        )
        for item in items
        if item.fold != "evaluate"
    )
    return champion


def arrive(
    of: Project,
    colour: Sequence[int],
    number: int,
    *,
    confidence: float = 0.99,
    fold: str = "learn",
    now: datetime | None = None,
) -> list[Prediction]:
    """Predictions of which the client's model is sure, about pictures of one colour."""
    batch = [
        incoming(image=tinted(colour, seed), confidence=confidence) for seed in _fresh(of, number)
    ]
    told = submit(of, *batch, now=now)
    found = Prediction.objects.filter(uid__in=[one.prediction_uid for one in told])
    Item.objects.filter(predictions__in=found).update(fold=fold)
    return list(found.order_by("pk"))


def said(
    of: Project,
    texts: Sequence[str],
    *,
    confidence: float = 0.99,
    approved: bool = False,
    now: datetime | None = None,
) -> list[Prediction]:
    """Predictions about texts, of whatever fold the hash gives; with a settled label if asked."""
    answer = {"probabilities": {GOOD: confidence, DEFECT: 1 - confidence}}
    batch = [
        incoming(f"text-{seed}", image=None, text=text, probabilities=answer)
        for seed, text in zip(_fresh(of, len(texts)), texts, strict=True)
    ]
    return _stored(of, batch, approved=approved, now=now)


def boxed(
    of: Project,
    colour: Sequence[int],
    number: int,
    *,
    approved: bool = False,
    now: datetime | None = None,
) -> list[Prediction]:
    """Predictions that find nothing in pictures of one colour; settled as nothing, if asked."""
    batch = [
        incoming(f"sheet-{seed}", image=tinted(colour, seed), probabilities={"boxes": []})
        for seed in _fresh(of, number)
    ]
    return _stored(of, batch, approved=approved, now=now)


def _stored(
    of: Project, batch: Sequence[IncomingPrediction], *, approved: bool, now: datetime | None
) -> list[Prediction]:
    told = [
        one
        for part in range(0, len(batch), 500)
        for one in submit(of, *batch[part : part + 500], now=now)
    ]
    assert not [one.error for one in told if one.error], told[0].error
    uids = [one.prediction_uid for one in told]
    found = list(Prediction.objects.filter(uid__in=uids).order_by("pk"))
    for prediction in found if approved else ():
        settle(prediction)
    return found


def settle(prediction: Prediction) -> Annotation:
    """The truth is what was predicted, and approved, as if it had come with the item."""
    boxes = prediction.project.kind == "object_detection"
    annotation = Annotation.objects.create(
        item_id=prediction.item_id,
        taxonomy=prediction.project.taxonomies.get(),
        number=1,
        outcome="label",
        label_key=prediction.label_key,
        answer={"boxes": []} if boxes else None,
        how="imported",
        created_at=present(),
    )
    Approval.objects.create(annotation=annotation, policy="tests", created_at=present())
    return annotation


def reasons_of(predictions: Sequence[Prediction]) -> list[set[str]]:
    """The names of all reasons of each prediction, of whatever route."""
    return [
        {reason["name"] for route in one.routes.all() for reason in route.reasons}
        for one in predictions
    ]
