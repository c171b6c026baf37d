"""A project's own name in traffic is that of the models trained here."""

from __future__ import annotations

import pytest

from annotations.actions.register_predictor import register_predictor
from annotations.errors import PredictorReserved
from annotations.models import Item, Origin, Prediction, Predictor
from tests import factories
from tests.factories import present

pytestmark = pytest.mark.django_db


@pytest.fixture
def cells():
    return factories.project("cells")


def known(cells, version: str, origin: Origin) -> Predictor:
    return register_predictor(
        project=cells,
        name="cells",
        version=version,
        origin=origin,
        taxonomy=cells.taxonomies.get(),
        now=present(),
    )


def test_the_version_of_a_model_that_is_yet_to_be_is_refused_by_name(cells):
    known(cells, "1", Origin.REVIEWHUB)
    refused, taken = factories.submit(
        cells, factories.incoming(predictor="cells", version="2"), factories.incoming()
    )
    assert isinstance(refused.error, PredictorReserved)
    assert refused.error.data == {"predictor": "cells", "version": "2"}
    assert taken.status == "created"
    assert not Predictor.objects.filter(name="cells", version="2").exists()
    assert Item.objects.count() == Prediction.objects.count() == 1


@pytest.mark.parametrize("origin", Origin)
def test_a_client_speaks_for_a_version_that_is_known(cells, origin):
    champion = known(cells, "1", origin)
    (taken,) = factories.submit(cells, factories.incoming(predictor="cells", version="1"))
    assert taken.status == "created"
    assert Prediction.objects.get().predictor == champion


def test_another_project_s_name_is_a_name_like_any(cells):
    (taken,) = factories.submit(factories.project(), factories.incoming(predictor="cells"))
    assert taken.status == "created"
