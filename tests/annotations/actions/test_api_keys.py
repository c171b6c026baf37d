"""A key's life: issued, rotated, revoked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from annotations.access import authenticate_key
from annotations.actions.issue_api_key import issue_api_key
from annotations.actions.revoke_api_key import revoke_api_key
from annotations.actions.rotate_api_key import rotate_api_key
from annotations.errors import ApiKeyInvalid, KeyExpired, KeyNotUsable
from annotations.models import ApiKey
from reviewhub.common.models import AuditEntry
from tests import factories
from tests.factories import TESTER, present
from tests.races import at_once

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def issue(project, **fields):
    asked = {"name": "line 4", "verbs": ["predict"], "expires_at": present() + DAY}
    return issue_api_key(project=project, **{**asked, **fields}, actor=TESTER, now=present())


def rotate(key, **fields):
    asked = {"expires_at": present() + 30 * DAY}
    return rotate_api_key(key=key, **{**asked, **fields}, actor=TESTER, now=present())


def test_a_key_is_issued_and_its_secret_never_told_again() -> None:
    key, secret = issue(factories.project(), verbs=["release", "predict", "predict"])
    assert key.verbs == ["predict", "release"]
    assert secret.startswith(f"rh_{key.prefix}_")
    assert len(secret.split("_", 2)[2]) == 43
    assert secret not in str(AuditEntry.objects.values())


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"verbs": []}, "verbs"),
        ({"verbs": ["predict", "fly"]}, "verbs"),
        ({"expires_at": present() - DAY}, "expires_at"),
    ],
)
def test_what_is_wrong_with_a_key_is_named(fields, field) -> None:
    with pytest.raises(ApiKeyInvalid) as refused:
        issue(factories.project(), **fields)
    assert field in [each["field"] for each in refused.value.data["errors"]]


def test_both_keys_work_while_a_rotation_lasts() -> None:
    old, old_secret = issue(factories.project(), expires_at=present() + 10 * DAY)
    new, new_secret = rotate(old, overlap=timedelta(hours=1))
    assert new.rotated_from == old
    assert new.verbs == old.verbs
    assert authenticate_key(f"Bearer {old_secret}", present()) == old
    assert authenticate_key(f"Bearer {new_secret}", present()) == new
    with pytest.raises(KeyExpired):
        authenticate_key(f"Bearer {old_secret}", present() + timedelta(hours=2))


def test_a_rotation_never_lengthens_the_old_keys_life() -> None:
    old, _ = issue(factories.project(), expires_at=present() + timedelta(minutes=5))
    ends = old.expires_at
    rotate(old, overlap=DAY)
    old.refresh_from_db()
    assert old.expires_at == ends


def test_a_key_without_a_future_is_not_rotated() -> None:
    key, _ = issue(factories.project())
    with pytest.raises(KeyNotUsable):
        rotate(key, expires_at=present() - DAY)
    revoke_api_key(key=key, actor=TESTER, now=present())
    with pytest.raises(KeyNotUsable):
        rotate(key)
    assert ApiKey.objects.count() == 1


def test_revoking_twice_tells_once() -> None:
    key, _ = issue(factories.project())
    first = revoke_api_key(key=key, actor=TESTER, now=present()).revoked_at
    assert revoke_api_key(key=key, actor=TESTER, now=present()).revoked_at == first
    assert AuditEntry.objects.filter(action="api_key.revoke").count() == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_key_that_is_rotated_and_revoked_at_once_is_revoked() -> None:
    key, _ = issue(factories.project())
    at_once(lambda: rotate(key), lambda: revoke_api_key(key=key, actor=TESTER, now=present()))
    key.refresh_from_db()
    assert key.revoked_at is not None
