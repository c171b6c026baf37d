from __future__ import annotations

from datetime import timedelta

import pytest

from annotations.actions.withdraw_prediction import withdraw_prediction
from annotations.domain.routing import NamedRule, Override, Rules, When
from annotations.models import Item, Prediction, Route
from annotations.queries.recorded import replay, window_of
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


def test_the_simulator_replays_what_the_router_did():
    cells = factories.project(rules=BY_LINE)
    now = present()
    then = now - timedelta(days=1)
    factories.submit(
        cells,
        incoming("three", seed=1, confidence=0.99, slices={"line": 3}),
        incoming("seven", seed=2, confidence=0.99, slices={"line": 7}),
        now=then,
    )
    later = [
        incoming(name, version="2", image=None, confidence=0.99, slices={"line": line})
        for name, line in (("three", 7), ("seven", 3))
    ]
    factories.submit(cells, *later, now=then)
    window = window_of(cells, days=3, now=now)
    replayed = [each for _, chunk in replay(cells, window) for each in chunk]
    ruled = [any(rule.matches(each.facts) for rule in BY_LINE.rules) for each in replayed]
    happened = Prediction.objects.order_by("pk").values_list("routes__outcome", flat=True)
    assert ruled == [outcome == "queued" for outcome in happened] == [False, True, False, True]
