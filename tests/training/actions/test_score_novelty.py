from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from annotations.actions.revise_routing_policy import revise_routing_policy
from annotations.domain.routing import Novelty, Rules
from annotations.models import Prediction, QueueEntry, Route, Withdrawal
from reviewhub.common import tally
from tests.factories import NOTHING_QUEUED, TESTER, present, project
from tests.races import at_once
from tests.training.inference.test_texts import ENGLISH, GERMAN, messages
from tests.training.streams import (
    BLUE,
    LOOKING,
    RED,
    arrive,
    boxed,
    known,
    learned,
    reasons_of,
    said,
    use_colours,
)
from training.actions import score_novelty as module
from training.actions.score_novelty import NoveltyPass, score_novelty
from training.errors import LeaseLost
from training.inference.texts import TextEmbedder
from training.models import Embedding, NoveltyCursor
from training.queries.watched import asking_for_novelty

pytestmark = pytest.mark.django_db


@pytest.fixture
def digest(settings, tmp_path):
    return use_colours(settings, tmp_path)


@pytest.fixture
def cells(digest):
    made = project(rules=LOOKING)
    learned(made, RED, 100, digest=digest)
    return made


def score(of, *, at=None, seconds: float = 100.0) -> NoveltyPass | None:
    clock = present if at is None else lambda: at
    return score_novelty(project_id=of.pk, clock=clock, seconds=seconds)


def later(**passed: float):
    return present() + timedelta(**passed)


def test_what_resembles_nothing_learned_is_queued_however_sure_its_model_is(cells) -> None:
    usual, strange = arrive(cells, RED, 40), arrive(cells, BLUE, 8)
    assert not QueueEntry.objects.exists()

    done = score(cells)

    assert (done.handled, done.scored, done.more) == (48, 48, False)
    assert reasons_of(strange) == [{"novelty"}] * 8
    assert sum(map(len, reasons_of(usual))) <= 6
    assert done.queued == done.found == QueueEntry.objects.count()


def test_the_further_route_says_how_novel_and_keeps_the_odds_of_the_first(cells) -> None:
    (strange,) = arrive(cells, BLUE, 1)
    score(cells)
    first, further = strange.routes.order_by("sequence")
    (reason,) = further.reasons
    assert reason["name"] == "novelty"
    assert 0 < reason["detail"]["p_value"] <= reason["detail"]["threshold"] == 0.05
    assert reason["detail"]["distance"] > 0.3
    assert (first.outcome, further.outcome) == ("accepted", "queued")
    assert further.inclusion_probability == first.inclusion_probability
    assert (further.draw, further.audited) == (first.draw, False)


def test_a_second_pass_goes_on_where_the_first_ended(cells) -> None:
    arrive(cells, BLUE, 3)
    score(cells)
    assert score(cells) == NoveltyPass()
    arrive(cells, BLUE, 2)
    assert score(cells).handled == 2
    assert Route.objects.filter(outcome="queued").count() == 5


def test_what_was_committed_late_is_found_in_the_second_look(cells) -> None:
    late, seen = arrive(cells, BLUE, 2)
    cursor = score(cells) and NoveltyCursor.objects.get()
    # as if its intake had still been under way: nothing of it was visible to the first look
    Route.objects.filter(prediction=late, sequence=2).delete()
    QueueEntry.objects.filter(prediction=late).delete()
    Embedding.objects.filter(item=late.item).delete()

    assert score(cells, at=later(minutes=1)).queued == 0
    assert score(cells, at=later(minutes=3)).queued == 1

    assert reasons_of([late, seen]) == [{"novelty"}, {"novelty"}]
    cursor.refresh_from_db()
    assert cursor.settled_id == cursor.seen_id == seen.pk
    assert cursor.shares == []
    day = tally.totals(cells.pk, prefix="novelty:")
    assert day == {
        "novelty:handled": 2,
        "novelty:scored": 2,
        "novelty:found": 2,
    }


def test_a_day_queues_no_more_than_the_policy_says_and_counts_the_rest(cells) -> None:
    rules = Rules(audit_rate=1e-6, novelty=Novelty(p_value=0.05, per_day=3))
    revise_routing_policy(project=cells, rules=rules, actor=TESTER, now=present())
    arrive(cells, BLUE, 5)
    done = score(cells)
    assert (done.found, done.queued) == (5, 3)
    assert QueueEntry.objects.count() == 3
    tomorrow = later(days=1)
    arrive(cells, BLUE, 2, now=tomorrow)
    assert score(cells, at=tomorrow).queued == 2


def test_more_than_can_be_embedded_is_looked_at_by_a_share_that_chance_chooses(
    cells, monkeypatch
) -> None:
    strange = arrive(cells, BLUE, 60)
    score(cells)  # makes the row
    NoveltyCursor.objects.update(seen_id=0, settled_id=0, shares=[], per_second=30 / 3600)
    first = {one.pk for one in strange if "novelty" in reasons_of([one])[0]}
    assert len(first) == 60
    Route.objects.filter(sequence=2).delete()
    QueueEntry.objects.all().delete()
    Embedding.objects.filter(item__predictions__in=strange).delete()

    done = score(cells)

    assert done.handled == 60
    assert 10 <= done.scored <= 50
    assert done.scored == done.queued
    assert NoveltyCursor.objects.get().share_at(strange[0].pk) == pytest.approx(0.5)
    # the second look keeps to the same choice, though nothing waits any more
    assert score(cells, at=later(minutes=5)).queued == 0
    assert QueueEntry.objects.count() == done.queued


def test_what_the_client_took_back_and_what_waited_a_week_is_left_alone(cells) -> None:
    withdrawn, stale = arrive(cells, BLUE, 1)[0], arrive(cells, BLUE, 1)[0]
    Withdrawal.objects.create(
        prediction=withdrawn, reason="a mistake", actor_name="client", created_at=present()
    )
    done = score(cells, at=later(days=8))
    assert done == NoveltyPass()
    assert reasons_of([withdrawn, stale]) == [set(), set()]
    assert NoveltyCursor.objects.get().seen_id == stale.pk
    assert asking_for_novelty() == []


def test_an_item_that_was_erased_is_handled_and_not_scored(cells) -> None:
    (gone,) = arrive(cells, BLUE, 1)
    gone.item.content.image = None
    gone.item.content.erased_at = present()
    gone.item.content.save()
    done = score(cells)
    assert (done.handled, done.scored) == (1, 0)


def test_a_project_that_does_not_ask_for_it_is_not_looked_at(digest) -> None:
    quiet = project(rules=NOTHING_QUEUED)
    arrive(quiet, BLUE, 1)
    assert score(quiet) is None
    assert score_novelty(project_id=987_654, clock=present) is None
    assert not NoveltyCursor.objects.exists()


def test_turned_on_it_does_not_ask_about_the_past(digest) -> None:
    cells = project(rules=NOTHING_QUEUED, now=later(hours=-2))
    learned(cells, RED, 100, digest=digest)
    past = arrive(cells, BLUE, 2, now=later(hours=-1))
    revise_routing_policy(project=cells, rules=LOOKING, actor=TESTER, now=later(minutes=-10))
    new = arrive(cells, BLUE, 2)
    assert score(cells).handled == 2
    assert reasons_of(past + new) == [set(), set(), {"novelty"}, {"novelty"}]


def test_without_a_model_of_ours_approved_items_stand_for_what_was_learned(digest) -> None:
    theirs = project(rules=LOOKING)
    known(theirs, RED, 50)
    strange = arrive(theirs, BLUE, 2)
    assert score(theirs).handled == 0
    waits_for = NoveltyCursor.objects.get().waits_for
    assert "200 approved items of the learn fold are needed. There are 30." in waits_for
    known(theirs, RED, 300)

    assert score(theirs).queued == 2

    assert reasons_of(strange) == [{"novelty"}] * 2
    cursor = NoveltyCursor.objects.get()
    assert cursor.waits_for == ""
    assert cursor.compares_with == (
        "approved items, as no model was trained here yet: 210 items; ordinary: 140 items held out"
    )


def test_texts_are_compared_by_their_letters() -> None:
    # Names, key and project are fixed, so every fold is.
    mail = project(uid=UUID(int=41), kind="text_classification", rules=LOOKING)
    said(mail, messages(ENGLISH, 360, seed=1), approved=True)
    score(mail)
    usual = said(mail, messages(ENGLISH, 30, seed=2))
    strange = said(mail, messages(GERMAN, 10, seed=3))
    done = score(mail)
    assert done.scored == 40
    assert reasons_of(strange) == [{"novelty"}] * 10
    assert sum(map(len, reasons_of(usual))) <= 6
    digests = set(Embedding.objects.values_list("backbone_digest", flat=True))
    assert digests == {TextEmbedder().digest}


def test_pictures_in_which_boxes_are_sought_are_compared_as_a_whole(digest) -> None:
    sheets = project(uid=UUID(int=42), kind="object_detection", rules=LOOKING)
    boxed(sheets, RED, 340, approved=True)
    score(sheets)
    usual, strange = boxed(sheets, RED, 20), boxed(sheets, BLUE, 5)
    score(sheets)
    assert reasons_of(strange) == [{"novelty"}] * 5
    assert sum(map(len, reasons_of(usual))) <= 5
    assert set(QueueEntry.objects.values_list("predicted_key", flat=True)) == {""}


def test_too_few_items_for_so_small_a_p_value_make_it_wait_and_say_so(digest) -> None:
    rules = Rules(audit_rate=1e-6, novelty=Novelty(p_value=0.01))
    few = project(rules=rules)
    learned(few, RED, 60, digest=digest)
    arrive(few, BLUE, 1)
    assert score(few) == NoveltyPass()
    assert "takes 99 ordinary items to compare with; there are 36" in (
        NoveltyCursor.objects.get().waits_for
    )


def test_a_champion_of_another_backbone_makes_it_wait(digest) -> None:
    cells = project(rules=LOOKING)
    learned(cells, RED, 60, digest="0" * 64)
    arrive(cells, BLUE, 1)
    score(cells)
    assert "trained on another backbone" in NoveltyCursor.objects.get().waits_for


def test_a_turn_that_is_too_short_ends_and_the_next_goes_on(cells, monkeypatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 2)
    strange = arrive(cells, BLUE, 5)
    assert score(cells, seconds=-1.0).more
    done = score(cells)
    assert not done.more
    assert reasons_of(strange) == [{"novelty"}] * 5


def test_a_worker_whose_lease_another_took_writes_nothing(cells) -> None:
    (strange,) = arrive(cells, BLUE, 1)

    def clock():
        # whenever this worker looks at the clock, somebody has taken over
        NoveltyCursor.objects.update(fence=99)
        return present()

    with pytest.raises(LeaseLost):
        score_novelty(project_id=cells.pk, clock=clock)
    assert NoveltyCursor.objects.get().seen_id < strange.pk
    assert reasons_of([strange]) == [set()]


def test_a_killed_worker_keeps_the_project_no_longer_than_its_lease(cells) -> None:
    arrive(cells, BLUE, 1)
    score(cells)
    arrive(cells, BLUE, 1)
    NoveltyCursor.objects.update(lease_until=later(seconds=80))
    assert score(cells) is None
    assert score(cells, at=later(seconds=100)).handled == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_workers_at_once_look_at_each_item_once(digest) -> None:
    cells = project(rules=LOOKING)
    learned(cells, RED, 60, digest=digest)
    arrive(cells, BLUE, 12)
    told = at_once(*[lambda: score(cells)] * 4)
    assert not [one for one in told if isinstance(one, Exception)], told
    score(cells)
    assert tally.totals(cells.pk, prefix="novelty:")["novelty:handled"] == 12
    assert Route.objects.filter(sequence=2).count() == 12
    assert QueueEntry.objects.count() == 12
    assert Prediction.objects.count() == 12
