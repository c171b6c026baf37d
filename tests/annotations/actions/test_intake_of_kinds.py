"""Texts, boxes, older label sets, flags, slices and caps, on their way from client to queue."""

from __future__ import annotations

import pytest

from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.domain.intake import IncomingPrediction
from annotations.domain.labels import LabelSpec, TaxonomySpec
from annotations.domain.routing import NamedRule, Rules, When
from annotations.errors import (
    ContentOfAnotherKind,
    InvalidAnswer,
    ItemContentConflict,
    ItemContentMissing,
)
from annotations.models import Item, Prediction, QueueEntry, Route
from reviewhub.common import tally
from tests import factories
from tests.factories import DEFECT, EVERYTHING_QUEUED, GOOD, NOTHING_QUEUED, TESTER, present

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
WORDS = "Die Zelle hat einen Riss.\nשבר בתא \u200b\u202d und weiter"


def text(
    external_id: str, answer: dict, *, said: str | None = WORDS, **fields
) -> IncomingPrediction:
    return IncomingPrediction(external_id, "triage", "1", None, answer, text=said, **fields)


def boxes(external_id: str, *found: dict, **fields) -> IncomingPrediction:
    return factories.incoming(external_id, probabilities={"boxes": [*found]}, **fields)


def box(label: str = DEFECT, score: float = 0.8, x: float = 1) -> dict:
    return {"label": label, "score": score, "x": x, "y": 2, "width": 10, "height": 8}


def names(external_id: str, sequence: int = 1) -> list[str]:
    route = Route.objects.get(prediction__item__external_id=external_id, sequence=sequence)
    return [reason["name"] for reason in route.reasons]


# --- texts ----------------------------------------------------------------------------------


def test_a_text_is_kept_to_the_letter_and_known_again_by_its_content():
    mails = factories.project(kind="text_classification")
    sent = text("m-1", {"probabilities": {DEFECT: 0.7, GOOD: 0.3}})
    (first,), (again,) = factories.submit(mails, sent), factories.submit(mails, sent)
    assert (first.status, again.status) == ("created", "unchanged")
    assert Item.objects.get().content.text == WORDS
    (other,) = factories.submit(mails, text("m-1", dict(sent.answer), said="something else"))
    assert isinstance(other.error, ItemContentConflict)


def test_a_text_that_is_empty_is_a_text_and_none_is_none():
    mails = factories.project(kind="text_classification")
    empty, missing = factories.submit(
        mails, text("m-1", {"label": GOOD}, said=""), text("m-2", {"label": GOOD}, said=None)
    )
    assert empty.status == "created"
    assert isinstance(missing.error, ItemContentMissing)


def test_a_model_that_was_asked_five_times_is_queued_for_its_dissent():
    mails = factories.project(kind="text_classification", rules=Rules(dissent=0.4, audit_rate=1e-6))
    factories.submit(
        mails,
        text("torn", {"samples": [DEFECT, DEFECT, DEFECT, GOOD, GOOD], "prompt_version": "7"}),
        text("sure", {"samples": [GOOD] * 5}),
    )
    assert names("torn") == ["dissent"]
    assert names("sure") == []
    assert Prediction.objects.get(item__external_id="torn").answer["prompt_version"] == "7"


def test_a_picture_is_no_text_and_a_text_no_picture():
    mails, cells = factories.project(kind="text_classification"), factories.project()
    (a,) = factories.submit(mails, factories.incoming(probabilities={"label": GOOD}))
    (b,) = factories.submit(cells, factories.incoming(image=None, text="a text"))
    assert isinstance(a.error, ContentOfAnotherKind)
    assert isinstance(b.error, ContentOfAnotherKind)


# --- boxes ----------------------------------------------------------------------------------


def test_no_box_is_an_answer_and_stays_one():
    parts = factories.project(kind="object_detection", rules=EVERYTHING_QUEUED)
    (verdict,) = factories.submit(parts, boxes("p-1"))
    assert verdict.status == "created"
    stored = Prediction.objects.get()
    assert (stored.label_key, stored.confidence, stored.answer) == ("", 1.0, {"boxes": []})


def test_boxes_are_checked_against_the_picture_that_came_with_them():
    parts = factories.project(kind="object_detection")
    (verdict,) = factories.submit(parts, boxes("p-1", {**box(), "x": 30}))
    assert isinstance(verdict.error, InvalidAnswer)
    assert verdict.error.data["errors"][0]["field"].startswith("boxes[0]")


def test_two_detectors_that_see_different_boxes_disagree_also_when_the_second_is_late():
    parts = factories.project(
        kind="object_detection", rules=Rules(unmatched_boxes=1, audit_rate=1e-6)
    )
    picture = factories.image(parts, 1).uid
    factories.submit(parts, boxes("p-1", box(), image=picture))
    assert names("p-1") == []
    (late,) = factories.submit(
        parts, boxes("p-1", box(), box(x=18), image=None, predictor="second-look")
    )
    assert [reason["name"] for reason in late.reasons] == ["disagreement"]
    assert late.reasons[0]["detail"]["unmatched"] == 1
    assert QueueEntry.objects.count() == 1


def test_the_unsurest_box_decides_the_confidence():
    parts = factories.project(
        kind="object_detection", rules=Rules(low_confidence=0.5, audit_rate=1e-6)
    )
    factories.submit(parts, boxes("p-1", box(score=0.95), box(score=0.3, x=18)))
    assert names("p-1") == ["low_confidence"]


# --- label sets that change -----------------------------------------------------------------


def renamed(cells, *, mapping) -> None:
    labels = [LabelSpec("fine", "Fine"), LabelSpec(DEFECT, "Defect", is_positive=True)]
    spec = TaxonomySpec(labels, mapping=mapping)
    revise_taxonomy(project=cells, spec=spec, actor=TESTER, now=present())


def test_a_client_of_an_old_label_set_is_carried_over():
    cells = factories.project()
    factories.submit(cells, factories.incoming("before", label=GOOD, confidence=0.9))
    renamed(cells, mapping={GOOD: "fine"})
    (verdict,) = factories.submit(cells, factories.incoming("after", label=GOOD, confidence=0.9))
    assert verdict.status == "created"
    assert "taxonomy_changed" not in names("after")
    entry = QueueEntry.objects.get(item__external_id="after")
    assert (entry.predicted_key, entry.taxonomy.number) == ("fine", 2)
    assert Prediction.objects.get(item__external_id="after").label_key == GOOD


def test_what_it_claims_and_has_no_successor_goes_to_people():
    cells = factories.project(rules=NOTHING_QUEUED)
    factories.submit(cells, factories.incoming("before"))
    renamed(cells, mapping={})
    factories.submit(
        cells,
        factories.incoming("gone", label=GOOD, confidence=0.9),
        factories.incoming("known", label=DEFECT, confidence=0.9),
    )
    assert names("gone") == ["taxonomy_changed"]
    assert names("known") == [], "a label that was merely thought possible changes nothing"
    assert QueueEntry.objects.get().predicted_key == ""


def test_a_new_model_that_has_not_heard_of_the_change_is_not_refused():
    cells = factories.project()
    renamed(cells, mapping={GOOD: "fine"})
    (verdict,) = factories.submit(cells, factories.incoming(label=GOOD, version="99"))
    assert verdict.status == "created"
    assert Prediction.objects.get().predictor.taxonomy.number == 1


def test_an_answer_that_no_label_set_knows_is_told_in_the_words_of_the_one_in_force():
    cells = factories.project()
    renamed(cells, mapping={GOOD: "fine"})
    (verdict,) = factories.submit(cells, factories.incoming(probabilities={"dent": 1.0}))
    assert "fine" in verdict.error.data["errors"][0]["message"]


# --- flags, slices, caps ----------------------------------------------------------------------


def test_a_client_may_ask_for_people_itself():
    cells = factories.project(rules=NOTHING_QUEUED)
    factories.submit(cells, factories.incoming("odd", flag="reflection on the glass"))
    assert names("odd") == ["client_flag"]
    assert Prediction.objects.get().flag == "reflection on the glass"


def test_slices_are_kept_and_rules_may_go_by_them():
    rule = NamedRule("new line", When(slices={"line": ("7",)}))
    cells = factories.project(rules=Rules(rules=(rule,), audit_rate=1e-6))
    factories.submit(
        cells,
        factories.incoming("on-7", slices={"line": 7, "site": "Graz"}),
        factories.incoming("on-8", slices={"line": 8}),
    )
    assert (names("on-7"), names("on-8")) == (["rule"], [])
    assert Item.objects.get(external_id="on-7").slices == {"line": 7, "site": "Graz"}


def test_the_cap_lets_the_dearest_in_and_holds_the_rest_back_on_record():
    cells = factories.project(rules=Rules(low_confidence=1.0, audit_rate=1e-6, daily_cap=2))
    told = factories.submit(
        cells, *[factories.incoming(f"c-{n}", confidence=0.6 + n / 10) for n in range(4)]
    )
    assert {verdict.outcome for verdict in told} == {"queued"}
    states = dict(QueueEntry.objects.values_list("item__external_id", "state"))
    assert sorted(states.values()) == ["awaiting_capacity"] * 2 + ["awaiting_review"] * 2
    assert states["c-0"] == "awaiting_review", "the unsurest is expected to cost most"
    counted = tally.totals(cells.pk)
    assert counted["entered"] == 4
    assert counted["let_in"] == counted["state:awaiting_capacity"] == 2


def test_what_has_an_entry_already_uses_no_room_of_the_day():
    """A second model asks for two that wait, dearer than the new one for which there is room."""
    cells = factories.project(rules=Rules(low_confidence=1.0, audit_rate=1e-6, daily_cap=3))
    factories.submit(cells, factories.incoming("a"), factories.incoming("b"))
    again = [factories.incoming(name, image=None, predictor="2", confidence=0.5) for name in "ab"]
    factories.submit(cells, *again, factories.incoming("c", confidence=0.9))
    states = dict(QueueEntry.objects.values_list("item__external_id", "state"))
    assert states == dict.fromkeys("abc", "awaiting_review")
    assert tally.totals(cells.pk)["let_in"] == 3


def test_audits_are_never_held_back():
    cells = factories.project(rules=Rules(low_confidence=1.0, audit_rate=1.0, daily_cap=1))
    factories.submit(cells, *[factories.incoming(confidence=0.6) for _ in range(3)])
    assert set(QueueEntry.objects.values_list("state", "audited")) == {("awaiting_review", True)}


def test_an_audit_of_a_second_model_is_asked_though_the_first_has_expired():
    cells = factories.project(rules=factories.EVERYTHING_AUDITED)
    factories.submit(cells, factories.incoming("a", seed=1))
    QueueEntry.objects.update(state="expired", slots_open=0, lapsed_at=present())
    factories.submit(cells, factories.incoming("a", image=None, predictor="second"))
    entry = QueueEntry.objects.get()
    assert (entry.state, entry.slots_open, entry.lapsed_at) == ("awaiting_review", 1, None)
