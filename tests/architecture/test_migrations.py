"""Migrations are complete, and named for what they do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import call_command

NAMED_BY_NOBODY = re.compile(r"_auto_\d{8}|_merge_|_more$|_and_\d+_more")


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", "--check", "--dry-run", "--verbosity", "0")


def test_each_name_says_what_the_migration_does(repository: Path) -> None:
    for package in ("annotations", "training", "reviewhub"):
        for path in sorted((repository / package).rglob("migrations/[0-9]*.py")):
            assert not NAMED_BY_NOBODY.search(path.stem), f"name {path} for what it does"
