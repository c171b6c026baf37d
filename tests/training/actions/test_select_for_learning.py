from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest

from annotations.domain.routing import Learning, Rules
from annotations.models import Item, QueueEntry, Route, Withdrawal
from tests.factories import EVERYTHING_QUEUED, NOTHING_QUEUED, incoming, present, project, submit
from tests.races import at_once
from tests.training.streams import (
    BLUE,
    GREEN,
    LEARNING,
    RED,
    arrive,
    boxed,
    reasons_of,
    said,
    tinted,
    use_colours,
)
from training.actions import select_for_learning as module
from training.actions.select_for_learning import select_for_learning
from training.errors import LeaseLost
from training.models import LearningSelection

pytestmark = pytest.mark.django_db
YESTERDAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def colours(settings, tmp_path):
    return use_colours(settings, tmp_path)


@pytest.fixture
def now():
    """In the middle of a UTC day, so that a day ago is yesterday everywhere it matters."""
    return present().replace(hour=12)


@pytest.fixture
def cells(now):
    return project(rules=LEARNING, now=now - 3 * YESTERDAY)


def select(of, at):
    return select_for_learning(project_id=of.pk, clock=lambda: at)


def many_colours(of, when) -> None:
    for tint in (RED, GREEN, BLUE, (200, 200, 40), (40, 200, 200), (200, 40, 200)):
        arrive(of, tint, 2, confidence=0.6, now=when)


def test_the_doubtful_are_queued_and_unlike_each_other(cells, now) -> None:
    hard = [arrive(cells, RED, 12, confidence=0.51, now=now - YESTERDAY)]
    hard += [arrive(cells, tint, 4, confidence=0.56, now=now - YESTERDAY) for tint in (BLUE, GREEN)]
    sure = arrive(cells, RED, 20, confidence=0.99, now=now - YESTERDAY)

    selection = select(cells, now)

    assert (selection.budget, selection.candidates) == (4, 20)
    # shades of one colour are near-copies: a fourth unlike the others may not be there
    assert 3 <= len(selection.chosen) <= 4
    assert selection.finished_at == now
    assert set().union(*reasons_of(sure)) == set()
    for stream in hard:
        assert "informative" in set().union(*reasons_of(stream)), "one colour has taken it all"
    assert QueueEntry.objects.count() == len(selection.chosen)


def test_the_further_route_says_how_unsure_the_model_was(cells, now) -> None:
    (doubted,) = arrive(cells, RED, 1, confidence=0.6, now=now - YESTERDAY)
    select(cells, now)
    (reason,) = doubted.routes.get(sequence=2).reasons
    assert reason["name"] == "informative"
    assert reason["detail"]["margin"] == pytest.approx(0.2)
    assert reason["detail"]["uncertainty"] == pytest.approx(0.8)


def test_once_a_day_of_the_site_and_again_the_next(cells, now) -> None:
    arrive(cells, RED, 1, confidence=0.6, now=now - YESTERDAY)
    today = arrive(cells, BLUE, 1, confidence=0.6, now=now)
    assert len(select(cells, now).chosen) == 1
    assert select(cells, now + timedelta(hours=1)) is None
    assert reasons_of(today) == [set()]
    assert len(select(cells, now + YESTERDAY).chosen) == 1
    assert reasons_of(today) == [{"informative"}]
    assert LearningSelection.objects.count() == 2


def test_only_items_that_may_be_learned_from_are_candidates(cells, now) -> None:
    when = now - YESTERDAY
    arrive(cells, RED, 1, confidence=0.6, now=when - YESTERDAY)
    arrive(cells, RED, 1, confidence=0.6, fold="evaluate", now=when)
    arrive(cells, RED, 1, confidence=0.6, fold="validate", now=when)
    (withdrawn,) = arrive(cells, RED, 1, confidence=0.6, now=when)
    Withdrawal.objects.create(
        prediction=withdrawn, reason="a mistake", actor_name="client", created_at=now
    )
    assert select(cells, now).candidates == 0
    assert not QueueEntry.objects.exists()


def test_what_people_see_anyway_is_not_asked_for_again(now) -> None:
    rules = Rules(low_confidence=0.55, audit_rate=1e-6, learning=Learning(budget_per_day=4))
    cells = project(rules=rules, now=now - 3 * YESTERDAY)
    (seen,) = arrive(cells, RED, 1, confidence=0.52, now=now - YESTERDAY)
    (other,) = arrive(cells, BLUE, 1, confidence=0.6, now=now - YESTERDAY)
    assert select(cells, now).chosen[0][0] == other.pk
    assert reasons_of([seen, other]) == [{"low_confidence"}, {"informative"}]


def test_texts_and_boxes_are_selected_by_what_their_kind_knows(now) -> None:
    mail = project(kind="text_classification", rules=LEARNING, now=now - 3 * YESTERDAY)
    words = ("refund", "late parcel", "Rechnung", "password", "Kündigung", "thanks", "broken")
    said(mail, words, confidence=0.6, now=now - YESTERDAY)
    Item.objects.filter(project=mail).update(fold="learn")
    chosen = select(mail, now).chosen
    assert len(chosen) == 4
    assert {round(margin, 6) for _, margin, _ in chosen} == {0.2}

    sheets = project(kind="object_detection", rules=LEARNING, now=now - 3 * YESTERDAY)
    boxed(sheets, RED, 1, now=now - YESTERDAY)
    Item.objects.filter(project=sheets).update(fold="learn")
    assert [one[1:] for one in select(sheets, now).chosen] == [[None, 0.0]]


def test_an_item_of_two_predictors_takes_one_place(cells, now) -> None:
    picture = tinted(RED, 999)
    batch = [
        incoming("twice", image=picture, confidence=0.6, predictor=name) for name in ("one", "two")
    ]
    submit(cells, *batch, now=now - YESTERDAY)
    Item.objects.update(fold="learn")
    assert len(select(cells, now).chosen) == 1


def test_a_second_attempt_ends_what_a_killed_one_began(cells, now, monkeypatch) -> None:
    many_colours(cells, now - YESTERDAY)
    calls = count(1)
    append = module.append_route

    def killed_at_the_second(**fields):
        if next(calls) == 2:
            raise KeyboardInterrupt
        return append(**fields)

    monkeypatch.setattr(module, "append_route", killed_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        select(cells, now)
    begun = LearningSelection.objects.get()
    assert begun.finished_at is None
    assert len(begun.chosen) == 4

    assert select(cells, now + timedelta(minutes=1)) is None, "the lease still lies ahead"
    ended = select(cells, now + timedelta(minutes=10))

    assert ended.chosen == begun.chosen
    routed = Route.objects.filter(sequence=2).values_list("prediction_id", flat=True)
    assert sorted(routed) == sorted(one[0] for one in ended.chosen)


def test_a_worker_that_was_overtaken_appends_nothing(cells, now, monkeypatch) -> None:
    arrive(cells, RED, 1, confidence=0.6, now=now - YESTERDAY)
    monkeypatch.setattr(
        module, "champion_of", lambda _: LearningSelection.objects.update(fence=9) and None
    )
    with pytest.raises(LeaseLost):
        select(cells, now)
    assert not QueueEntry.objects.exists()


def test_a_project_that_does_not_ask_for_it_is_left_alone(now) -> None:
    for rules in (NOTHING_QUEUED, EVERYTHING_QUEUED):
        assert select(project(rules=rules), now) is None
    assert not LearningSelection.objects.exists()


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_workers_at_once_select_once(cells, now) -> None:
    many_colours(cells, now - YESTERDAY)
    told = at_once(*[lambda: select(cells, now)] * 4)
    assert not [one for one in told if isinstance(one, Exception)], told
    assert len([one for one in told if one is not None]) == 1
    assert Route.objects.filter(sequence=2).count() == 4
