from __future__ import annotations

import numpy as np
import pytest

from training.errors import ArtefactRefused
from training.inference.embedder import Embedder


def test_it_embeds_any_number_of_images_in_half_precision(embedding_graph, images, expected):
    embedder = Embedder(*embedding_graph)
    found = embedder.embed(images)
    assert (embedder.size, embedder.dimension) == (4, 3)
    assert found.dtype == np.float16
    assert found == pytest.approx(expected, abs=1e-3)


def test_no_images_are_no_embeddings(embedding_graph, images):
    assert Embedder(*embedding_graph).embed(images[:0]).shape == (0, 3)


def test_a_file_and_its_bytes_are_the_same(embedding_graph, images, tmp_path):
    content, checksum = embedding_graph
    path = tmp_path / "backbone.onnx"
    path.write_bytes(content)
    found = Embedder(path, checksum, threads=2).embed(images)
    assert (found == Embedder(content, checksum).embed(images)).all()


def test_a_file_of_another_checksum_is_refused(embedding_graph):
    with pytest.raises(ArtefactRefused, match="as recorded"):
        Embedder(embedding_graph[0] + b"\0", embedding_graph[1])
