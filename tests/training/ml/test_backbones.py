from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest
import torch

from training.errors import ArtefactRefused, BackboneUnknown
from training.inference.embedder import Embedder
from training.ml.backbones import backbone_named, convert_weights, load_network

LITE0 = backbone_named("efficientnet_lite0")


@pytest.fixture(scope="module")
def weights():
    return convert_weights(LITE0)


@pytest.fixture(scope="module")
def network(weights, tmp_path_factory):
    path = tmp_path_factory.mktemp("network") / "backbone.safetensors"
    path.write_bytes(weights)
    return load_network(LITE0, path, sha256(weights).hexdigest())


def test_all_296_keys_map_onto_timm():
    names = {LITE0.rename(key) for key in LITE0.weights.read()}
    assert names == set(LITE0.build().state_dict())
    assert len(names) == 296


def test_converting_twice_gives_the_same_bytes(weights):
    assert convert_weights(LITE0) == weights


def test_the_exported_graph_embeds_as_torch_does(network, backbone):
    content = (backbone / "backbone.onnx").read_bytes()
    images = np.random.default_rng(0).integers(0, 256, (3, 224, 224, 3), dtype=np.uint8)
    with torch.inference_mode():
        expected = network(torch.from_numpy(images)).numpy()
    found = Embedder(content, sha256(content).hexdigest()).embed(images)
    assert found == pytest.approx(expected, abs=5e-3)
    assert np.std(expected) > 0.1


def test_a_key_that_does_not_map_is_refused():
    bent = replace(LITE0, rename=lambda key: key.removeprefix("_"))
    with pytest.raises(ArtefactRefused, match="do not fit"):
        convert_weights(bent)


def test_weights_of_another_checksum_are_never_unpickled(monkeypatch):
    monkeypatch.setattr(torch, "load", lambda *_args, **_options: pytest.fail("was read"))
    bent = replace(LITE0, weights=replace(LITE0.weights, sha256="0" * 64))
    with pytest.raises(ArtefactRefused, match="not the pinned"):
        convert_weights(bent)


def test_converted_weights_of_another_digest_are_refused(weights, tmp_path):
    path = tmp_path / "backbone.safetensors"
    path.write_bytes(weights)
    with pytest.raises(ArtefactRefused, match="does not match"):
        load_network(LITE0, path, "0" * 64)


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(BackboneUnknown, match="efficientnet_lite0"):
        backbone_named("resnet0")
