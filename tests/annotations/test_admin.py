"""The operators' tables: facts can be looked at and nothing else."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse

from annotations import models
from annotations.models import Membership, Role
from reviewhub.common.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db
OURS = [each for each in admin.site._registry if each._meta.app_label == "annotations"]
EDITABLE = {"user", "project", "membership"}


@pytest.fixture
def desk(client):
    client.force_login(factories.operator())
    return client


def path(model, page: str, *arguments: object) -> str:
    return reverse(f"admin:annotations_{model._meta.model_name}_{page}", args=arguments)


def test_every_table_is_there() -> None:
    inline = {models.Label}
    mine = {getattr(models, name) for name in models.__all__}
    tables = {each for each in mine if hasattr(each, "_meta")} - inline
    assert set(OURS) == tables


@pytest.mark.parametrize("model", OURS)
def test_a_table_is_shown_with_its_rows(desk, model) -> None:
    cells = factories.project()
    factories.api_key(cells)
    factories.queued(cells)
    factories.annotated(cells)
    factories.lead(cells)
    assert desk.get(path(model, "changelist")).status_code == 200
    row = model.objects.first()
    if row is not None:
        assert desk.get(path(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("model", [each for each in OURS if each._meta.model_name not in EDITABLE])
def test_facts_can_be_neither_added_nor_changed_nor_deleted(desk, model) -> None:
    cells = factories.project()
    factories.api_key(cells)
    factories.queued(cells)
    assert desk.get(path(model, "add")).status_code == 403
    row = model.objects.first()
    if row is not None:
        assert desk.post(path(model, "change", row.pk), {}).status_code == 403
        assert desk.post(path(model, "delete", row.pk), {"post": "yes"}).status_code == 403
        assert model.objects.filter(pk=row.pk).exists()


def test_the_digest_of_a_key_is_not_shown(desk) -> None:
    key, _ = factories.api_key(factories.project())
    shown = desk.get(path(models.ApiKey, "change", key.pk)).content.decode()
    assert key.prefix in shown
    assert key.digest not in shown


def test_the_time_zone_of_a_project_is_shown_and_stays(desk) -> None:
    cells = factories.project()
    address = path(models.Project, "change", cells.pk)
    assert b"site_time_zone" in desk.get(address).content
    form = {"name": "Renamed", "note": "", "site_time_zone": "Europe/Berln"}
    assert desk.post(address, form).status_code == 302
    cells.refresh_from_db()
    assert (cells.name, cells.site_time_zone) == ("Renamed", "UTC")


def test_a_role_that_an_operator_gives_is_in_the_audit_trail(desk) -> None:
    cells, rita = factories.project(), factories.stranger()
    form = {"user": rita.pk, "project": cells.pk, "role": "reviewer"}
    desk.post(path(Membership, "add"), form)
    membership = Membership.objects.get(user=rita)
    assert membership.role == Role.REVIEWER
    desk.post(path(Membership, "change", membership.pk), {"role": "lead"})
    membership.refresh_from_db()
    assert membership.role == Role.LEAD
    desk.post(path(Membership, "delete", membership.pk), {"post": "yes"})
    assert not Membership.objects.exists()
    told = AuditEntry.objects.filter(subject_type="annotations.membership")
    assert set(told.values_list("action", flat=True)) == {"member.add", "member.remove"}


def test_several_roles_are_taken_one_by_one(desk) -> None:
    cells = factories.project()
    members = [factories.reviewer(cells), factories.lead(cells)]
    chosen = list(Membership.objects.values_list("pk", flat=True))
    form = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    desk.post(path(Membership, "changelist"), form)
    assert not Membership.objects.exists()
    removed = AuditEntry.objects.filter(action="member.remove")
    assert removed.count() == len(members)
