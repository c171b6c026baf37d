"""What an exported model promises to its clients, beside the graph itself.

Input `images`: uint8 [N, size, size, 3], RGB. Output `probabilities`: float32 [N, K], calibrated.
The metadata of the file names what a client must know; each value is text.
"""

from __future__ import annotations

INPUT = "images"
OUTPUT = "probabilities"

RESIZE = "pillow-bilinear-antialias"
"""The client's only duty: convert to RGB, then Pillow's BILINEAR resize to size x size."""

LABELS = "labels"
"""JSON list of label keys, in the order of the output's columns."""
INPUT_SIZE = "input_size"
MODEL_NAME = "model_name"
MODEL_VERSION = "model_version"
TAXONOMY_VERSION = "taxonomy_version"
TEMPERATURE = "temperature"
BACKBONE = "backbone"
BACKBONE_DIGEST = "backbone_digest"
RESIZED_BY = "resize"
