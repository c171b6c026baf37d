from __future__ import annotations

import pytest
from django.utils import timezone

from annotations.actions.add_member import add_member
from annotations.models import Membership, Role
from reviewhub.common.models import AuditEntry
from tests import factories
from tests.factories import TESTER
from tests.races import at_once

pytestmark = pytest.mark.django_db


def add(project, user, role=Role.REVIEWER) -> Membership:
    return add_member(project=project, user=user, role=role, actor=TESTER, now=timezone.now())


def test_a_person_gets_a_role_and_can_get_another() -> None:
    cells, rita = factories.project(), factories.stranger("rita")
    add(cells, rita)
    add(cells, rita, Role.LEAD)
    assert Membership.objects.get(user=rita).role == Role.LEAD
    told = AuditEntry.objects.filter(action="member.add").order_by("id")
    assert [(entry.before, entry.after["role"]) for entry in told] == [
        (None, "reviewer"),
        ({"role": "reviewer"}, "lead"),
    ]


def test_the_same_role_again_changes_nothing_and_tells_nothing() -> None:
    cells, rita = factories.project(), factories.stranger()
    add(cells, rita)
    add(cells, rita)
    assert AuditEntry.objects.filter(action="member.add").count() == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_two_who_add_a_person_at_once_make_one_membership() -> None:
    cells, rita = factories.project(), factories.stranger()
    at_once(lambda: add(cells, rita), lambda: add(cells, rita, Role.LEAD))
    assert Membership.objects.filter(project=cells, user=rita).count() == 1
