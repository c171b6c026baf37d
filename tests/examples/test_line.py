"""The example line against the real server: its API, its model files, its webhooks."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from onnx import helper

from annotations.models import Item, Prediction
from examples.solar_cells.client import Api, Refused
from examples.solar_cells.line import Line, Photo
from examples.solar_cells.model import Model, ModelRefused
from examples.solar_cells.webhook import Receiver
from reviewhub.common.models import Delivery
from reviewhub.common.webhooks import deliver
from tests import factories
from tests.factories import TESTER, present
from tests.training import builders
from training.actions.promote_model import promote_model


def exported(version: str, *, threshold: float = 128.0, **metadata: str) -> bytes:
    """A model file as the product exports it, around a graph that knows dark from bright."""
    made = onnx.load_from_string(builders.brightness_onnx(threshold=threshold))
    facts = {prop.key: prop.value for prop in made.metadata_props}
    facts |= {"model_name": "reviewhub", "model_version": version, "taxonomy_version": "1"}
    helper.set_model_props(made, facts | {"resize": "pillow-bilinear-antialias"} | metadata)
    return bytes(made.SerializeToString())


@pytest.fixture
def photos(tmp_path: Path) -> list[Photo]:
    made = []
    for name, level in (("dark", 10), ("middle", 140), ("bright", 250)):
        path = tmp_path / f"{name}.png"
        path.write_bytes(builders.grey(level))
        made.append(Photo(name, path, {"camera": "3"}))
    return made


@pytest.fixture
def plant(live_server, settings):
    settings.REVIEWHUB_WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    return factories.project("cells", rules=factories.EVERYTHING_AUDITED)


@pytest.fixture
def api(live_server, plant) -> Api:
    _, secret = factories.api_key(plant)
    return Api(live_server.url, plant.slug, secret, pause=lambda seconds: None)


def test_it_predicts_with_the_champion_and_submits_with_the_photos(plant, api, photos) -> None:
    champion = builders.first_champion(plant, onnx_file=exported("1"))
    told = list(Line(api).inspect(photos))
    assert [one.label for one in told] == ["good", "defect", "defect"]
    assert {one.outcome for one in told} == {"queued"}
    assert Item.objects.filter(content__metadata__camera="3").count() == 3
    assert set(Prediction.objects.values_list("predictor", flat=True)) == {champion.predictor_id}


def test_the_same_photos_again_change_nothing(plant, api, photos) -> None:
    builders.first_champion(plant, onnx_file=exported("1"))
    first, second = (list(Line(api).inspect(photos)) for _ in range(2))
    assert first == second
    assert Prediction.objects.count() == 3


def test_a_refused_photo_is_told_and_spoils_no_other(plant, api, photos) -> None:
    builders.first_champion(plant, onnx_file=exported("1"))
    list(Line(api).inspect(photos[:1]))
    photos[2].path.replace(photos[0].path)
    told = list(Line(api).inspect(photos[:2]))
    assert told[0].outcome.startswith("refused: ")
    assert told[1].outcome == "queued"


def test_a_webhook_makes_it_fetch_and_switch(plant, api, photos) -> None:
    builders.first_champion(plant, onnx_file=exported("1"))
    better = builders.model(plant, onnx_file=exported("2", threshold=200.0))
    with Receiver() as receiver:
        line = Line(api, receiver=receiver)
        line.subscribe()
        assert [one.label for one in line.inspect(photos[1:2])] == ["defect"]
        promote(better)
        assert line.follow(wait=5)
    assert [one.label for one in line.inspect(photos[1:2])] == ["good"]
    assert line.model.version == "2"


def test_a_webhook_of_the_model_it_has_changes_nothing(plant, api) -> None:
    better = builders.model(plant, onnx_file=exported("1"))
    with Receiver() as receiver:
        line = Line(api, receiver=receiver)
        line.subscribe()
        promote(better)
        line.fetch()
        assert not line.follow(wait=5)
    assert [message["type"] for message in line.switches] == ["model.promoted"]


def test_without_a_champion_it_says_so(api) -> None:
    with pytest.raises(Refused, match="no_champion"):
        Line(api).fetch()


def test_a_file_with_another_checksum_is_not_loaded() -> None:
    with pytest.raises(ModelRefused, match="SHA-256"):
        Model(exported("1"), checksum="0" * 64)


def test_a_model_that_asks_for_another_resize_is_not_used(plant, api) -> None:
    builders.first_champion(plant, onnx_file=exported("1", resize="lanczos"))
    with pytest.raises(ModelRefused, match="lanczos"):
        Line(api).fetch()


def promote(model) -> None:
    promote_model(
        project_id=model.project_id,
        model_version=model,
        actor=TESTER,
        reasons=["a test"],
        now=present(),
    )
    for delivery in Delivery.objects.all():
        deliver(delivery_id=delivery.pk, now=present(), jitter=0.0)
