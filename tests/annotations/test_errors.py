from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from annotations import errors
from reviewhub.common.errors import ReviewHubError

OURS = [
    thing
    for _, thing in inspect.getmembers(errors, inspect.isclass)
    if thing.__module__.startswith(f"{errors.__name__}.")
]


@pytest.mark.parametrize("error", OURS, ids=lambda error: error.__name__)
def test_every_error_says_what_happened_and_how_grave_it_is(error):
    assert issubclass(error, ReviewHubError)
    assert {"code", "title"} <= set(vars(error))
    assert 400 <= error.status < 600
    assert error().detail == error.title
    assert error("in words", limit=3).data == {"limit": 3}


def test_codes_are_told_apart():
    assert len({error.code for error in OURS}) == len(OURS)


def test_the_rules_load_without_django(repository):
    modules = [
        ".".join(path.relative_to(repository).with_suffix("").parts)
        for path in (repository / "annotations/domain").rglob("*.py")
        if path.name != "__init__.py"
    ]
    program = f"import sys, {', '.join(sorted(modules))}; sys.exit('django' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", program], cwd=repository, check=False).returncode == 0
    )
