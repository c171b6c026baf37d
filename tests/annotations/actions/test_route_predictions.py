from __future__ import annotations

from datetime import timedelta

import pytest

from annotations.actions.request_simulation import request_simulation
from annotations.actions.withdraw_prediction import withdraw_prediction
from annotations.domain.routing import NamedRule, Override, Rules, When
from annotations.models import Item, Prediction, Route
from annotations.queries.recorded import replay, window_of
from reviewhub.common import jobs
from tests import factories
from tests.factories import DEFECT, GOOD, TESTER, incoming, present
from tests.races import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

COMPARING = {
    "labels": Rules(disagreement=True, audit_rate=1e-6),
    "divergence": Rules(divergence=0.3, audit_rate=1e-6),
    "by slice": Rules(
        overrides=(Override(When(slices={"line": ("3",)}), {"disagreement": True}),),
        audit_rate=1e-6,
    ),
}


def known_items(cells, number, **fields):
    """Items of which no prediction stands: what was said of them has been taken back."""
    batch = [incoming(f"cell-{n}", seed=1, version="0", **fields) for n in range(number)]
    for verdict in factories.submit(cells, *batch):
        withdraw_prediction(
            project=cells,
            prediction_uid=verdict.prediction_uid,
            reason="a test",
            actor=TESTER,
            now=present(),
        )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rules", COMPARING.values(), ids=COMPARING)
def test_two_versions_that_disagree_at_the_same_moment_never_miss_each_other(rules):
    cells = factories.project(rules=rules)
    known_items(cells, 60, slices={"line": 3})

    def says(label, version):
        batch = [
            incoming(f"cell-{n}", label=label, confidence=0.99, version=version, image=None)
            for n in range(60)
        ]
        return lambda: factories.submit(cells, *batch)

    answers = at_once(says(GOOD, "1"), says(DEFECT, "2"))
    assert {verdict.status for verdicts in answers for verdict in verdicts} == {"created"}
    told = Route.objects.filter(prediction__predictor__version__in=["1", "2"], outcome="queued")
    assert told.values("prediction__item").distinct().count() == 60


@pytest.mark.django_db(transaction=True)
def test_batches_that_name_known_items_in_any_order_never_wait_in_a_circle():
    cells = factories.project(rules=COMPARING["labels"])
    known_items(cells, 40)

    def sends(version, order):
        batch = [incoming(f"cell-{n}", version=version, image=None) for n in order]
        return lambda: factories.submit(cells, *batch)

    ways = [range(40), range(39, -1, -1), range(40), range(39, -1, -1)]
    answers = at_once(*[sends(str(n + 1), order) for n, order in enumerate(ways)])
    assert [len(verdicts) for verdicts in answers] == [40] * 4


def test_what_others_say_is_read_only_where_a_rule_asks(django_assert_max_num_queries):
    asked = factories.project(rules=COMPARING["labels"])
    unasked = factories.project(rules=Rules(low_confidence=0.5, audit_rate=1e-6))

    def queries(cells):
        factories.submit(cells, incoming("cell", seed=1))
        again = incoming("cell", version="2", image=None)
        with django_assert_max_num_queries(60) as counted:
            factories.submit(cells, again)
        return [each["sql"] for each in counted if '"annotations_withdrawal"' in each["sql"]]

    assert len(queries(asked)) == 1
    assert queries(unasked) == []


BY_LINE = Rules(
    rules=(NamedRule("Line 3", When(slices={"line": ("3",)})),),
    overrides=(Override(When(slices={"line": ("4",)}), {"low_confidence": 0.999}),),
    audit_rate=1e-6,
)


@pytest.mark.parametrize(("line", "reason"), [(3, "rule"), (4, "low_confidence")])
def test_rules_by_slice_heed_what_the_item_keeps_and_not_what_is_sent_later(line, reason):
    cells = factories.project(rules=BY_LINE)
    factories.submit(cells, incoming("cell", slices={"line": line}))
    later = (
        incoming("cell", version="2", image=None, confidence=0.99),
        incoming("cell", version="3", image=None, confidence=0.99, slices={"line": 7}),
    )
    for verdict in factories.submit(cells, *later):
        assert [each["name"] for each in verdict.reasons] == [reason]


BY_SHIFT = Rules(
    rules=(NamedRule("At night", When(metadata={"shift": ("night",)})),),
    overrides=(Override(When(metadata={"shift": ("late",)}), {"low_confidence": 0.999}),),
    audit_rate=1e-6,
)


@pytest.mark.parametrize(
    ("metadata", "reasons"),
    [
        ({"shift": "night", "more": [1, {"a": 2}]}, ["rule"]),
        ({"shift": "late"}, ["low_confidence"]),
        ({"shift": ["night"]}, []),
        ({}, []),
    ],
)
def test_rules_by_metadata_heed_what_the_item_keeps(metadata, reasons):
    cells = factories.project(rules=BY_SHIFT)
    sent = [
        incoming("cell", seed=1, confidence=0.99, metadata=metadata),
        incoming("cell", seed=1, confidence=0.99, version="2"),
        incoming("cell", image=None, confidence=0.99, version="3", metadata={"shift": "none"}),
    ]
    verdicts = [*factories.submit(cells, *sent[:2]), *factories.submit(cells, sent[2])]
    for verdict in verdicts:
        assert [each["name"] for each in verdict.reasons] == reasons


def test_metadata_are_read_only_where_a_rule_asks_and_by_one_query(django_assert_max_num_queries):
    def queries(rules, items):
        cells = factories.project(rules=rules)
        names = [f"cell-{n}" for n in range(items)]
        factories.submit(cells, *[incoming(name, seed=1) for name in names])
        again = [incoming(name, version="2", image=None) for name in names]
        with django_assert_max_num_queries(60) as counted:
            factories.submit(cells, *again)
        return sum("metadata" in each["sql"] for each in counted)

    assert (queries(BY_LINE, 3), queries(BY_SHIFT, 3), queries(BY_SHIFT, 9)) == (0, 1, 1)


def test_a_slice_that_only_a_later_mention_names_is_not_the_items():
    cells = factories.project(rules=BY_LINE)
    first, same_call, later = (
        incoming("cell", seed=1, confidence=0.99),
        incoming("cell", seed=1, confidence=0.99, version="2", slices={"line": 3}),
        incoming("cell", image=None, confidence=0.99, version="3", slices={"line": 3}),
    )
    verdicts = [*factories.submit(cells, first, same_call), *factories.submit(cells, later)]
    assert [verdict.outcome for verdict in verdicts] == ["accepted"] * 3
    assert Item.objects.get().slices == {}


@pytest.mark.parametrize(
    ("rules", "names"), [(BY_LINE, {"slices": "line"}), (BY_SHIFT, {"metadata": "shift"})]
)
def test_the_simulator_replays_what_the_router_did(rules, names):
    cells = factories.project(rules=rules)
    now = present()
    then = now - timedelta(days=1)

    def with_value(value):
        return {part: {name: value} for part, name in names.items()}

    wanted = 3 if rules is BY_LINE else "night"
    first = [
        incoming("one", seed=1, confidence=0.99, **with_value(wanted)),
        incoming("other", seed=2, confidence=0.99, **with_value("7")),
    ]
    later = [
        incoming("one", version="2", image=None, confidence=0.99, **with_value("7")),
        incoming("other", version="2", image=None, confidence=0.99, **with_value(wanted)),
    ]
    factories.submit(cells, *first, now=then)
    factories.submit(cells, *later, now=then)
    window = window_of(cells, days=3, now=now)
    replayed = [
        each for _, part in replay(cells, window, with_metadata=rules is BY_SHIFT) for each in part
    ]
    ruled = [any(rule.matches(each.facts) for rule in rules.rules) for each in replayed]
    happened = Prediction.objects.order_by("pk").values_list("routes__outcome", flat=True)
    assert ruled == [outcome == "queued" for outcome in happened] == [True, False, True, False]


def test_a_simulation_of_rules_by_metadata_finds_what_they_name():
    cells = factories.project(rules=factories.NOTHING_QUEUED)
    now = present()
    batch = [incoming(f"cell-{n}", seed=n, metadata={"shift": n % 3}) for n in range(9)]
    factories.submit(cells, *batch, now=now - timedelta(days=1))
    rules = Rules(rules=(NamedRule("x", When(metadata={"shift": ("1",)})),), audit_rate=1e-6)
    job = request_simulation(project=cells, rules=rules, days=7, actor=TESTER, now=now)
    jobs.run_job(job_id=job.pk, clock=present)
    job.refresh_from_db()
    assert job.result["to_people"]["count"] == 3
