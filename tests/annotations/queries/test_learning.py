"""What the learning side reads; approvals themselves are tested with the actions."""

from __future__ import annotations

import pytest

from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.domain.labels import LabelSpec, TaxonomySpec, carry
from annotations.errors import ImageMissing
from annotations.models import ItemContent
from annotations.queries.learning import (
    approved_annotations,
    new_approvals,
    open_item_image,
    taxonomy_in_force,
)
from tests import factories
from tests.factories import TESTER, present

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def revise(cells, *keys: str, mapping: dict[str, str] | None = None) -> None:
    labels = [LabelSpec(key, key.title()) for key in keys]
    spec = TaxonomySpec(labels=labels, mapping=mapping or {})
    revise_taxonomy(project=cells, spec=spec, actor=TESTER, now=present())


def labels_now(cells) -> dict[str, str]:
    rows = approved_annotations(cells.pk, taxonomy_in_force(cells.pk).id)
    return {row.external_id: row.label_key for row in rows}


def test_a_new_label_set_takes_over_what_was_judged_under_the_old_one() -> None:
    cells = factories.project()
    factories.annotated(cells, "a", label="good")
    factories.annotated(cells, "b", label="defect")
    revise(cells, "good", "crack", mapping={"defect": "crack"})
    factories.annotated(cells, "c", label="crack")
    assert labels_now(cells) == {"a": "good", "b": "crack", "c": "crack"}


def test_a_label_without_a_successor_is_left_out() -> None:
    cells = factories.project()
    factories.annotated(cells, "a", label="good")
    factories.annotated(cells, "b", label="defect")
    revise(cells, "good", "crack")
    assert labels_now(cells) == {"a": "good"}


def test_keys_are_carried_through_every_version_in_between() -> None:
    mappings = [{"defect": "crack"}, {}, {"crack": "fracture"}]
    assert carry("defect", mappings, known={"good", "fracture"}) == "fracture"
    assert carry("good", mappings, known={"good", "fracture"}) == "good"
    assert carry("dust", mappings, known={"good", "fracture"}) is None


def test_reading_costs_the_same_queries_at_three_and_at_thirty(
    django_assert_max_num_queries,
) -> None:
    cells = factories.project()

    def queries() -> int:
        with django_assert_max_num_queries(5) as counted:
            labels_now(cells)
        return len(counted)

    for number in range(3):
        factories.annotated(cells, f"few-{number}")
    few = queries()
    for number in range(27):
        factories.annotated(cells, f"many-{number}")
    assert queries() == few


def test_imports_are_no_reviews() -> None:
    cells = factories.project()
    factories.annotated(cells)
    assert new_approvals(cells.pk) == 0


def test_an_erased_image_is_told_by_name() -> None:
    item = factories.annotated(factories.project())
    assert open_item_image(item.pk).mode == "RGB"
    ItemContent.objects.update(image=None, erased_at=present())
    with pytest.raises(ImageMissing):
        open_item_image(item.pk)
