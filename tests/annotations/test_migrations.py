"""Upgrades of an instance that has worked: what was done before the counters is counted once."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from annotations.actions.check_counters import check_counters
from annotations.domain.counters import APPROVED_LABELS
from annotations.models import Project
from reviewhub.common.models import Tally
from tests.world import lively_project

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
migration = import_module("annotations.migrations.0006_count_what_is_there")
approved = import_module("annotations.migrations.0017_count_what_is_approved")


def test_an_instance_from_before_the_counters_has_the_right_ones() -> None:
    world = lively_project()
    Tally.objects.all().delete()
    assert check_counters(project=world.project)
    migration.count(apps, None)
    assert {each.name for each in check_counters(project=world.project)} == {APPROVED_LABELS}
    approved.count(apps, None)
    assert check_counters(project=world.project) == []


def test_what_was_approved_before_it_was_counted_is_counted_once() -> None:
    lively_project()
    before = list(Tally.objects.order_by("pk").values())
    approved.count(apps, None)
    assert list(Tally.objects.order_by("pk").values()) == before


def test_a_project_that_counts_already_is_left_alone() -> None:
    lively_project()
    before = list(Tally.objects.order_by("pk").values())
    migration.count(apps, None)
    assert list(Tally.objects.order_by("pk").values()) == before


def test_a_project_without_anything_needs_no_counter() -> None:
    Project.objects.create(
        slug="empty", name="Empty", kind="image_classification", created_at="2026-01-01T00:00Z"
    )
    migration.count(apps, None)
    assert not Tally.objects.exists()
