from __future__ import annotations

import json

import pytest

from training.domain.recipes import WEIGHTINGS, Recipe, choose_recipe
from training.errors import TooFewAnnotations

BACKBONE = "efficientnet_lite0"


def test_a_first_training_weighs_every_label_alike():
    recipe = choose_recipe(backbone=BACKBONE, older={}, recent={"good": 500, "defect": 200})
    assert recipe.weightings == ("plain",)


def test_enough_recent_labels_beside_older_ones_are_weighed_by_cross_validation():
    recipe = choose_recipe(
        backbone=BACKBONE, older={"good": 500, "defect": 200}, recent={"good": 80, "defect": 60}
    )
    assert recipe.weightings == WEIGHTINGS


def test_a_handful_of_recent_labels_is_too_few_to_choose_by():
    recipe = choose_recipe(
        backbone=BACKBONE, older={"good": 500, "defect": 200}, recent={"good": 20}
    )
    assert recipe.weightings == ("plain",)


def test_a_recipe_survives_json():
    recipe = Recipe(backbone=BACKBONE, weightings=WEIGHTINGS, inverse_penalty=0.3)
    assert Recipe.from_json(json.loads(json.dumps(recipe.as_json()))) == recipe


def test_one_sided_labels_teach_nothing():
    with pytest.raises(TooFewAnnotations) as refused:
        choose_recipe(backbone=BACKBONE, older={"good": 500}, recent={"defect": 4})
    assert refused.value.data["counts"] == {"good": 500, "defect": 4}


@pytest.mark.parametrize(
    "wrong", [{"weightings": ()}, {"weightings": ("mine",)}, {"inverse_penalty": 0.0}, {"folds": 1}]
)
def test_recipes_that_cannot_be_cooked_are_refused(wrong):
    with pytest.raises(ValueError, match=r"Weightings|needs"):
        Recipe(backbone=BACKBONE, **wrong)
