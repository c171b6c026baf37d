from __future__ import annotations

import numpy as np
import pytest

from training.errors import ArtefactRefused
from training.inference.predictor import OnnxPredictor


def test_it_answers_with_probabilities_in_the_order_of_its_labels(model, images, expected):
    predictor = OnnxPredictor(*model)
    found = predictor.predict(images)
    assert (predictor.labels, predictor.size) == (("a", "b", "c"), 4)
    assert found.dtype == np.float32
    assert found == pytest.approx(expected, abs=1e-6)


def test_no_images_have_no_answers(model, images):
    assert OnnxPredictor(*model).predict(images[:0]).shape == (0, 3)


def test_a_file_of_another_checksum_is_never_given_to_the_runtime(model):
    with pytest.raises(ArtefactRefused, match="as recorded"):
        OnnxPredictor(b"not an ONNX file at all", model[1])
