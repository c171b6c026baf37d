from __future__ import annotations

import pytest

from annotations.domain.kinds import KINDS
from annotations.models import ProjectKind

PROMISED = (
    "parse",
    "restore",
    "judge",
    "says",
    "same",
    "agree",
    "distance",
    "compare",
    "carry",
)


def test_every_kind_a_project_can_have_is_registered():
    assert set(ProjectKind.values) <= set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_brings_its_parts(name, repository):
    assert [each for each in PROMISED if not callable(getattr(KINDS[name], each, None))] == []
    assert (repository / f"tests/annotations/domain/kinds/test_{name}.py").exists()
