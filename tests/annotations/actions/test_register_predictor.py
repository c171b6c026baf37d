from __future__ import annotations

import pytest

from annotations.actions.register_predictor import register_predictor
from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.domain.labels import TaxonomySpec
from annotations.models import Origin, Predictor
from tests import factories
from tests.factories import LABELS, TESTER, present
from tests.races import at_once

pytestmark = pytest.mark.django_db


def register(project, taxonomy) -> Predictor:
    return register_predictor(
        project=project,
        name="camera",
        version="1",
        origin=Origin.CLIENT,
        taxonomy=taxonomy,
        now=present(),
    )


def test_a_predictor_is_made_on_first_sight() -> None:
    cells = factories.project()
    taxonomy = cells.taxonomies.get()
    assert register(cells, taxonomy) == register(cells, taxonomy)


def test_a_version_answers_under_one_taxonomy_for_ever() -> None:
    cells = factories.project()
    first = register(cells, cells.taxonomies.get())
    spec = TaxonomySpec(LABELS)
    other = revise_taxonomy(project=cells, spec=spec, actor=TESTER, now=present())
    assert register(cells, other).taxonomy == first.taxonomy


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_two_batches_at_once_make_one_predictor() -> None:
    cells = factories.project()
    taxonomy = cells.taxonomies.get()
    at_once(*[lambda: register(cells, taxonomy)] * 3)
    assert Predictor.objects.count() == 1
