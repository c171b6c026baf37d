from __future__ import annotations

import pytest
from django.utils import timezone

from annotations.actions.create_user import create_user
from annotations.errors import UserInvalid, UsernameTaken
from annotations.models import User
from reviewhub.common.models import AuditEntry
from tests.factories import PASSWORD, TESTER, log_in
from tests.races import at_once

pytestmark = pytest.mark.django_db


def create(username: str = "rita", password: str = PASSWORD, **fields) -> User:
    return create_user(
        username=username, password=password, actor=TESTER, now=timezone.now(), **fields
    )


def test_a_person_can_log_in_and_the_password_is_not_kept(client) -> None:
    user = create(email="rita@example.org")
    assert log_in(client, "rita")
    assert PASSWORD not in user.password
    assert not user.is_staff
    assert "harbour" not in str(AuditEntry.objects.values())


def test_an_operator_is_staff_and_may_do_everything() -> None:
    user = create(operator=True)
    assert user.is_staff
    assert user.is_superuser


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"password": "short"}, "password"),
        ({"password": "rita-2026", "username": "rita-2026"}, "password"),
        ({"password": "12345678"}, "password"),
        ({"username": "no spaces"}, "username"),
        ({"username": ""}, "username"),
        ({"email": "nowhere"}, "email"),
    ],
)
def test_what_is_wrong_is_named_without_repeating_the_password(fields, field) -> None:
    with pytest.raises(UserInvalid) as refused:
        create(**fields)
    assert field in [each["field"] for each in refused.value.data["errors"]]
    assert "12345678" not in str(refused.value.data)
    assert not User.objects.exists()


def test_a_name_is_taken_once() -> None:
    create()
    with pytest.raises(UsernameTaken):
        create()


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_a_name_at_once_one_gets_it() -> None:
    results = at_once(create, create)
    assert sorted(type(result).__name__ for result in results) == ["User", "UsernameTaken"]
