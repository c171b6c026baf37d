from __future__ import annotations

import pytest

from annotations.domain.kinds import KINDS
from annotations.models import ProjectKind


def test_every_kind_a_project_can_have_is_registered_and_no_other():
    assert set(KINDS) == set(ProjectKind.values)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_brings_its_parts(name, repository):
    assert callable(KINDS[name].parse)
    assert callable(KINDS[name].distance)
    assert (repository / f"tests/annotations/domain/kinds/test_{name}.py").exists()
    assert (repository / f"training/ml/learners/{name}.py").exists()
