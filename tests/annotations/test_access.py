"""Who may see what: right keys and roles enter, everything else learns as little as possible."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from annotations.access import actor_of, authenticate_key, project_for, require_verb
from annotations.actions.revoke_api_key import revoke_api_key
from annotations.errors import (
    KeyExpired,
    RoleNotAllowed,
    UnknownProject,
    VerbNotAllowed,
    WrongKey,
)
from annotations.models import ApiKey, Role, Verb
from reviewhub.common.errors import Unauthenticated
from tests import factories
from tests.factories import TESTER, present

pytestmark = pytest.mark.django_db


def test_the_secret_of_a_key_names_it() -> None:
    key, secret = factories.api_key(factories.project(), Verb.PREDICT)
    assert authenticate_key(f"Bearer {secret}", present()) == key
    assert authenticate_key(f"bearer  {secret}", present()) == key


def test_the_secret_is_nowhere_in_the_database() -> None:
    key, secret = factories.api_key(factories.project())
    stored = " ".join(map(str, ApiKey.objects.filter(pk=key.pk).values_list()[0]))
    assert secret not in stored
    assert secret.split("_", 2)[2] not in stored


def test_its_use_is_noted_at_most_once_a_minute(django_assert_num_queries) -> None:
    key, secret = factories.api_key(factories.project())
    first = present()
    authenticate_key(f"Bearer {secret}", first)
    with django_assert_num_queries(1):
        authenticate_key(f"Bearer {secret}", first + timedelta(seconds=59))
    key.refresh_from_db()
    assert key.last_used_at == first
    authenticate_key(f"Bearer {secret}", first + timedelta(seconds=61))
    key.refresh_from_db()
    assert key.last_used_at == first + timedelta(seconds=61)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda secret: None,
        lambda secret: "",
        lambda secret: secret,
        lambda secret: f"Basic {secret}",
        lambda secret: f"Bearer {secret}x",
        lambda secret: f"Bearer {secret[:-1]}",
        lambda secret: f"Bearer {secret[:-1]}{'a' if secret[-1] != 'a' else 'b'}",
        lambda secret: f"Bearer rh_00000000_{secret.split('_', 2)[2]}",
        lambda secret: "Bearer rh_\x00\x00\x00\x00_" + "a" * 43,
        lambda secret: "Bearer " + "ä" * 55,
    ],
)
def test_anything_but_the_secret_is_a_wrong_key(spoil) -> None:
    _, secret = factories.api_key(factories.project())
    with pytest.raises(WrongKey):
        authenticate_key(spoil(secret), present())


def test_a_key_ends_when_it_expires_and_at_once_when_it_is_revoked() -> None:
    cells = factories.project()
    key, secret = factories.api_key(cells, lasts=timedelta(hours=1))
    with pytest.raises(KeyExpired):
        authenticate_key(f"Bearer {secret}", present() + timedelta(hours=1, seconds=1))
    revoke_api_key(key=key, actor=TESTER, now=present())
    with pytest.raises(KeyExpired):
        authenticate_key(f"Bearer {secret}", present())


def test_a_key_does_what_its_verbs_say() -> None:
    key, _ = factories.api_key(factories.project(), Verb.PREDICT)
    require_verb(key, Verb.LABEL, Verb.PREDICT)
    with pytest.raises(VerbNotAllowed) as refused:
        require_verb(key, Verb.RELEASE)
    assert refused.value.data == {"verb": "release"}


@pytest.mark.parametrize(
    ("role", "at_least", "enters"),
    [
        (Role.REVIEWER, Role.REVIEWER, True),
        (Role.REVIEWER, Role.LEAD, False),
        (Role.LEAD, Role.REVIEWER, True),
        (Role.LEAD, Role.LEAD, True),
        (Role.LEAD, Role.OPERATOR, False),
    ],
)
def test_a_role_includes_those_before_it(role: Role, at_least: Role, enters: bool) -> None:
    cells = factories.project()
    member = {Role.REVIEWER: factories.reviewer, Role.LEAD: factories.lead}[role](cells)
    if enters:
        assert project_for(member, cells.slug, at_least=at_least) == cells
    else:
        with pytest.raises(RoleNotAllowed):
            project_for(member, cells.slug, at_least=at_least)


def test_a_stranger_cannot_tell_a_foreign_project_from_none() -> None:
    cells, stranger = factories.project(), factories.stranger()
    told = []
    for slug in (cells.slug, "there-is-none"):
        with pytest.raises(UnknownProject) as refused:
            project_for(stranger, slug, at_least=Role.REVIEWER)
        told.append((refused.value.detail, refused.value.data))
    assert told[0] == told[1]


def test_an_operator_enters_every_project_and_nobody_else_does() -> None:
    cells = factories.project()
    assert project_for(factories.operator(), cells.slug, at_least=Role.OPERATOR) == cells
    with pytest.raises(UnknownProject):
        project_for(factories.operator(), "there-is-none", at_least=Role.REVIEWER)
    with pytest.raises(Unauthenticated):
        project_for(AnonymousUser(), cells.slug, at_least=Role.REVIEWER)


def test_the_audit_trail_can_name_people_and_keys() -> None:
    cells = factories.project()
    rita = factories.reviewer(cells, "rita")
    key, _ = factories.api_key(cells, name="line 4")
    assert (actor_of(rita).kind, actor_of(rita).user_id) == ("user", rita.pk)
    assert (actor_of(key).kind, actor_of(key).user_id) == ("key", None)
    assert actor_of(key).name.startswith("line 4 (")
