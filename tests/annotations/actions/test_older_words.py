"""A client that still answers in an old label set is carried over, whatever it began with."""

from __future__ import annotations

import pytest

from annotations.actions.revise_routing_policy import revise_routing_policy
from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.actions.withdraw_prediction import withdraw_prediction
from annotations.domain.labels import LabelSpec, TaxonomySpec
from annotations.domain.routing import Rules
from annotations.models import Prediction, Predictor, QueueEntry
from annotations.queries.predicted import predicted_boxes
from annotations.queries.predictions import prediction_story
from annotations.queries.recorded import replay, window_of
from tests import factories
from tests.factories import TESTER, incoming, present

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

OLD = (LabelSpec("good", "Good"), LabelSpec("defect", "Defect"), LabelSpec("dust", "Dust"))
NEW = (LabelSpec("good", "Good"), LabelSpec("crack", "Crack"))
QUIET = Rules(audit_rate=1e-6)


def says(label, external_id="", **fields):
    return incoming(external_id, probabilities={label: 0.99}, **fields)


@pytest.fixture
def cells():
    """`defect` is called `crack` now, `dust` is gone; the client began with `good` alone."""
    cells = factories.project(labels=OLD, rules=QUIET)
    spec = TaxonomySpec(NEW, mapping={"defect": "crack"})
    revise_taxonomy(project=cells, spec=spec, actor=TESTER, now=present())
    factories.submit(cells, says("good"))
    assert Predictor.objects.get().taxonomy.number == 2
    return cells


def test_a_renamed_label_is_carried_over(cells):
    (verdict,) = factories.submit(cells, says("defect"))
    assert (verdict.error, verdict.outcome) == (None, "accepted")
    stored = Prediction.objects.get(uid=verdict.prediction_uid)
    assert (stored.answer, stored.label_key, stored.spoken) == ({"defect": 0.99}, "defect", 1)
    assert prediction_story(project_id=cells.pk, uid=stored.uid)["taxonomy"] == 1


def test_a_retired_label_is_for_people_to_see(cells):
    (verdict,) = factories.submit(cells, says("dust"))
    assert [each["name"] for each in verdict.reasons] == ["taxonomy_changed"]
    assert verdict.reasons[0]["detail"] == {"labels": ["dust"]}


def test_new_and_old_words_stand_side_by_side_in_one_batch(cells):
    verdicts = factories.submit(cells, says("crack"), says("defect"), says("good"))
    assert [verdict.status for verdict in verdicts] == ["created"] * 3
    stored = Prediction.objects.order_by("pk")[1:]
    assert [each.taxonomy_number for each in stored] == [None, 1, None]
    assert Predictor.objects.get().taxonomy.number == 2


def test_a_new_predictor_is_bound_to_the_set_most_of_its_batch_is_in(cells):
    batch = [says(label, version="2") for label in ("crack", "crack", "defect")]
    verdicts = factories.submit(cells, *batch)
    assert [verdict.status for verdict in verdicts] == ["created"] * 3
    assert Predictor.objects.get(version="2").taxonomy.number == 2


def test_sending_it_again_changes_nothing(cells):
    batch = (says("defect", "cell-1", seed=1), says("dust", "cell-2", seed=2))
    first, second = factories.submit(cells, *batch), factories.submit(cells, *batch)
    assert [verdict.status for verdict in second] == ["unchanged"] * 2
    assert [v.prediction_uid for v in first] == [v.prediction_uid for v in second]


def test_what_no_set_knows_is_refused_in_the_words_of_the_newest(cells):
    (verdict,) = factories.submit(cells, says("scratch"))
    assert verdict.error.code == "invalid_answer"
    assert verdict.error.data["errors"][0]["field"] == "probabilities.scratch"


def test_who_names_the_new_set_is_held_to_it(cells):
    (verdict,) = factories.submit(cells, says("defect", taxonomy_number=2))
    assert verdict.error.code == "invalid_answer"


@pytest.mark.parametrize(("label", "now"), [("defect", "crack"), ("good", "good"), ("dust", "")])
def test_who_names_the_old_set_is_read_in_it(cells, label, now):
    (verdict,) = factories.submit(cells, says(label, taxonomy_number=1))
    assert verdict.error is None
    stored = Prediction.objects.get(uid=verdict.prediction_uid)
    assert (stored.answer, stored.label_key, stored.spoken) == ({label: 0.99}, label, 1)
    names = [each["name"] for each in verdict.reasons]
    assert names == ([] if now else ["taxonomy_changed"])
    assert Predictor.objects.get().taxonomy.number == 2


def test_who_names_the_old_set_is_held_to_it(cells):
    (verdict,) = factories.submit(cells, says("crack", taxonomy_number=1))
    assert verdict.error.code == "invalid_answer"


def test_a_predictor_that_began_in_the_old_set_may_name_the_new_one(cells):
    old, new = says("dust", version="2"), says("crack", "cell-1", version="2", taxonomy_number=2)
    for sent in (old, new):
        (verdict,) = factories.submit(cells, sent)
        assert verdict.error is None
    assert Predictor.objects.get(version="2").taxonomy.number == 1
    stored = Prediction.objects.get(uid=verdict.prediction_uid)
    assert (stored.label_key, stored.spoken) == ("crack", 2)


def test_a_new_predictor_that_names_several_sets_speaks_the_newest_of_them(cells):
    batch = [says("good", version="2", taxonomy_number=number) for number in (1, 2, 9)]
    verdicts = factories.submit(cells, *batch)
    assert [verdict.status for verdict in verdicts] == ["created", "created", "refused"]
    assert verdicts[2].error.code == "unknown_taxonomy"
    assert Predictor.objects.get(version="2").taxonomy.number == 2


def test_what_names_the_set_of_the_entry_is_shown_when_another_is_taken_back(cells):
    """Though its predictor began in an older one."""
    queue = Rules(low_confidence=1.0, audit_rate=1e-6)
    revise_routing_policy(project=cells, rules=queue, actor=TESTER, now=present())
    factories.submit(cells, says("dust", version="old"))
    (first,) = factories.submit(cells, says("good", "cell-1"))
    named = says("crack", "cell-1", image=None, version="old", taxonomy_number=2)
    (second,) = factories.submit(cells, named)
    withdraw_prediction(
        project=cells,
        prediction_uid=first.prediction_uid,
        reason="a test",
        actor=TESTER,
        now=present(),
    )
    entry = QueueEntry.objects.get(item__external_id="cell-1")
    assert (entry.prediction.uid, entry.predicted_key) == (second.prediction_uid, "crack")


def test_it_agrees_with_a_version_that_says_the_same_in_new_words(cells):
    rules = Rules(disagreement=True, audit_rate=1e-6)
    revise_routing_policy(project=cells, rules=rules, actor=TESTER, now=present())
    factories.submit(cells, says("defect", "cell-1"))
    same, other = (
        factories.submit(cells, says(label, "cell-1", image=None, version=label))[0]
        for label in ("crack", "good")
    )
    assert (same.outcome, other.outcome) == ("accepted", "queued")


def test_a_simulation_reads_it_in_the_words_it_was_said_in(cells):
    factories.submit(cells, says("defect", "cell-1"), says("dust", "cell-2"))
    window = window_of(cells, days=1, now=present())
    facts = [each.facts for _, chunk in replay(cells, window) for each in chunk]
    assert [(each.predicted, each.gone) for each in facts[1:]] == [("crack", ()), ("", ("dust",))]


def test_it_is_never_shown_as_if_it_were_in_the_words_of_the_entry(cells):
    queue = Rules(low_confidence=1.0, audit_rate=1e-6)
    revise_routing_policy(project=cells, rules=queue, actor=TESTER, now=present())
    factories.submit(cells, says("defect", "cell-1"))
    (first,) = factories.submit(cells, says("crack", "cell-1", image=None, version="2"))
    entry = QueueEntry.objects.get()
    assert entry.predicted_key == "crack"
    shown = Prediction.objects.get(pk=entry.prediction_id)
    assert shown.uid != first.prediction_uid
    withdraw_prediction(
        project=cells, prediction_uid=shown.uid, reason="a test", actor=TESTER, now=present()
    )
    entry.refresh_from_db()
    assert (entry.prediction.uid, entry.predicted_key) == (first.prediction_uid, "crack")


def test_boxes_in_older_words_are_drawn_under_their_new_names():
    rules = Rules(low_confidence=1.0, audit_rate=1e-6)
    cells = factories.project(kind="object_detection", labels=OLD, rules=rules)
    spec = TaxonomySpec(NEW, mapping={"defect": "crack"})
    revise_taxonomy(project=cells, spec=spec, actor=TESTER, now=present())
    place = {"x": 1, "y": 1, "width": 5, "height": 5, "score": 0.9}

    def finds(*labels):
        return incoming(answer={"boxes": [{"label": each, **place} for each in labels]})

    factories.submit(cells, finds("good"), now=present())
    (verdict,) = factories.submit(cells, finds("defect", "dust"))
    assert verdict.status == "created"
    entry = QueueEntry.objects.get(prediction__uid=verdict.prediction_uid)
    boxes, gone = predicted_boxes(entry)
    assert ([box.label for box in boxes], gone) == (["crack"], ("dust",))
