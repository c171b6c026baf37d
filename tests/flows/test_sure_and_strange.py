"""A model learns one type of picture; another type comes, of which its client's model is sure."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from annotations.actions.claim_next import claim_next
from annotations.domain.routing import Novelty, Rules
from annotations.models import Item, Prediction, Project, QueueEntry
from annotations.queries.accounting import queue_accounting
from tests.factories import TESTER, incoming, present, project, reviewer, submit
from tests.training.builders import queued_run
from tests.training.pictures import SAME_FOLDS, SIDE, labelled_pictures, picture
from tests.training.streams import reasons_of
from training.actions.execute_run import execute_run
from training.actions.revise_gate_policy import revise_gate_policy
from training.actions.score_novelty import score_novelty
from training.domain.gate import GateMargins
from training.models import NoveltyCursor, SnapshotMember
from training.queries.champion import champion_of

pytestmark = pytest.mark.django_db(transaction=True)
RULES = Rules(low_confidence=0.8, audit_rate=1e-6, novelty=Novelty(p_value=0.05))


def scan(seed: int) -> bytes:
    """Another type: rows of dark marks on paper, as a scanned page has."""
    chance = np.random.default_rng(seed)
    page = np.full((SIDE, SIDE), 245, np.uint8)
    for row in range(6, SIDE - 6, 10):
        marks = chance.random(SIDE - 16) < 0.6
        page[row : row + 4, 8 : SIDE - 8][:, marks] = 30
    buffer = BytesIO()
    Image.fromarray(page).save(buffer, "PNG")
    return buffer.getvalue()


def sure(of: Project, images: list[bytes]) -> list[Prediction]:
    batch = [incoming(image=image, confidence=0.99) for image in images]
    told = submit(of, *batch)
    found = Prediction.objects.filter(uid__in=[one.prediction_uid for one in told])
    return list(found.order_by("pk"))


@pytest.mark.slow
def test_novelty_queues_what_the_model_was_sure_of() -> None:
    parts = project(uid=SAME_FOLDS, rules=RULES)
    margins = GateMargins(overall=0.5, min_source=5, min_target=5)
    revise_gate_policy(
        project_id=parts.pk, margins=margins, automatic_promotion=True, actor=TESTER, now=present()
    )
    labelled_pictures(parts, 150)
    run = queued_run(parts)
    execute_run(run_id=run.pk, worker="test")
    champion = champion_of(parts.pk)
    assert champion is not None, run.error

    usual = sure(parts, [picture("good", seed) for seed in range(9_000, 9_030)])
    strange = sure(parts, [scan(seed) for seed in range(20)])
    assert not QueueEntry.objects.exists(), "routing alone accepts all of them"

    done = score_novelty(project_id=parts.pk, clock=present)

    assert done.scored == 50
    found = [bool(reasons) for reasons in reasons_of(strange)]
    alarms = [bool(reasons) for reasons in reasons_of(usual)]
    assert sum(found) >= 19, NoveltyCursor.objects.get().compares_with
    assert sum(alarms) <= 5
    assert claim_next(project=parts, reviewer=reviewer(parts), now=present()) is not None
    assert queue_accounting(parts.pk).balanced
    # what was only compared with is still only compared with
    held_out = Item.objects.filter(fold="evaluate")
    assert not SnapshotMember.objects.filter(annotation__item__in=held_out).exists()
