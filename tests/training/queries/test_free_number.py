from __future__ import annotations

import pytest

from annotations.actions.register_predictor import register_predictor
from annotations.models import Origin
from tests.factories import present, project
from tests.training.builders import model
from training.queries.free_number import free_number

pytestmark = pytest.mark.django_db


def test_numbers_go_on_from_the_last_model_and_skip_versions_that_are_another_s() -> None:
    cells, other = project(), project()
    model(cells)
    for of, version in ((cells, "2"), (cells, "3"), (other, "4")):
        register_predictor(
            project=of,
            name=of.slug,
            version=version,
            origin=Origin.CLIENT,
            taxonomy=of.taxonomies.get(),
            now=present(),
        )
    told = [free_number(project_id=of.pk, name=of.slug) for of in (cells, other)]
    assert told == [4, 1]
