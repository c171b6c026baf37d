"""Pictures that a frozen ImageNet backbone can tell apart, and no two of which are alike."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID, uuid4

import numpy as np
from PIL import Image, ImageDraw

from annotations.actions.claim_next import claim_next
from annotations.actions.import_annotations import IncomingAnnotation, import_annotations
from annotations.actions.submit_review import submit_review
from annotations.models import Item, Project
from tests.factories import DEFECT, GOOD, TESTER, incoming, present, reviewer, submit

SIDE = 96
SAME_FOLDS = UUID("01900000-0000-7000-8000-000000000001")
"""A project of this uid gives the pictures the same folds each time: no test hangs on luck."""


def picture(label: str, seed: int) -> bytes:
    """A good one is smooth shapes on a light ground; a defect is crossed by dark scratches."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", (SIDE, SIDE), tuple(int(v) for v in random.integers(150, 255, 3)))
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        x, y, r = (int(v) for v in random.integers(0, SIDE, 3))
        colour = tuple(int(v) for v in random.integers(60, 255, 3))
        draw.ellipse((x, y, x + r // 2 + 4, y + r // 2 + 4), fill=colour)
    for _ in range(14 if label == DEFECT else 0):
        x1, y1, x2, y2 = (int(v) for v in random.integers(0, SIDE, 4))
        draw.line((x1, y1, x2, y2), fill=(0, 0, 0), width=2)
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def labelled_pictures(of: Project, number: int, *, first_seed: int = 0) -> list[Item]:
    """So many imported items, every second one a defect; their folds are what the hash gives."""
    seeds = range(first_seed, first_seed + number)
    batch = [
        IncomingAnnotation(f"picture-{seed}", label, picture(label, seed))
        for seed in seeds
        for label in [DEFECT if seed % 2 else GOOD]
    ]
    verdicts = import_annotations(project=of, actor=TESTER, batch=batch, now=present())
    return list(Item.objects.filter(uid__in=[verdict.item_uid for verdict in verdicts]))


def judged_pictures(of: Project, number: int, *, first_seed: int) -> None:
    """So many items that a client's model doubts and that a person judges, all as they are."""
    seeds = range(first_seed, first_seed + number)
    truth = {f"picture-{seed}": DEFECT if seed % 2 else GOOD for seed in seeds}
    shown = [
        incoming(each, confidence=0.6, image=picture(truth[each], seed))
        for each, seed in zip(truth, seeds, strict=True)
    ]
    submit(of, *shown)
    rita = reviewer(of)
    while (held := claim_next(project=of, reviewer=rita, now=present())) is not None:
        submit_review(
            project=of,
            entry_uid=held.entry.uid,
            reviewer=rita,
            verdict="label",
            label_key=truth[held.entry.item.external_id],
            seconds=4.0,
            token=uuid4(),
            now=present(),
        )
