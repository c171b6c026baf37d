"""What the place of an entry in the queue tells of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import takewhile
from uuid import UUID

import numpy as np
import pytest

from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import Rules
from annotations.models import Project, QueueEntry
from tests import factories
from tests.kinds import texts_project

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SHARE = 0.2
RULES = Rules(low_confidence=0.9, audit_rate=0.2)


def served(mail: Project) -> list[QueueEntry]:
    return list(QueueEntry.objects.filter(project=mail).order_by("sort_key", "pk"))


def text(name: str, confidence: float):
    answer = {"label": factories.DEFECT, "confidence": confidence}
    return factories.incoming(name, image=None, text=f"About {name}.", probabilities=answer)


@pytest.fixture(name="mail")
def _mail() -> Project:
    """Six hours of mail in batches; names and key are fixed, and so is every draw."""
    mail = texts_project(rules=RULES, review=ReviewSpec(blind_share=SHARE))
    mail.uid = UUID(int=7)
    mail.save(update_fields=["uid"])
    random = np.random.default_rng(7)
    for batch in range(12):
        sent = [
            text(f"mail-{batch}-{each}", float(confidence))
            for each, confidence in enumerate(random.uniform(0.5, 1.0, 60))
        ]
        factories.submit(mail, *sent, now=NOON + batch * timedelta(minutes=30))
    return mail


def test_among_blind_entries_the_order_does_not_tell_which_are_audits(mail) -> None:
    blind = [entry for entry in served(mail) if entry.blind]
    audits = np.array([entry.audited for entry in blind])
    assert min(audits.sum(), (~audits).sum()) > 60, "a test that could not fail"
    places = np.arange(len(audits)) / len(audits)
    apart = places[audits].mean() - places[~audits].mean()
    # the difference of two mean places that say nothing, and its standard error
    error = np.sqrt((1 / audits.sum() + 1 / (~audits).sum()) / 12)
    assert abs(apart) < 3 * error


def test_what_is_blind_at_the_head_of_the_queue_is_not_all_audits(mail) -> None:
    head = list(takewhile(lambda entry: entry.blind, served(mail)))
    assert len(head) > 10
    share = np.mean([entry.audited for entry in head])
    blind = [entry.audited for entry in served(mail) if entry.blind]
    assert share == pytest.approx(np.mean(blind), abs=0.2)


def test_audits_still_come_before_what_arrived_with_them_and_is_shown(mail) -> None:
    first = [entry for entry in served(mail) if entry.created_at == NOON]
    keys = {entry.blind: entry.sort_key for entry in first}
    assert all(entry.blind for entry in first if entry.audited)
    assert keys[True] < min(entry.sort_key for entry in first if not entry.blind)
