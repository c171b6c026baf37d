from __future__ import annotations

import pytest
from django.utils import timezone

from annotations.actions.create_project import create_project
from annotations.domain.labels import LabelSpec
from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import Rules
from annotations.errors import PolicyInvalid, ProjectInvalid, SlugTaken, TaxonomyInvalid
from annotations.models import Project
from reviewhub.common.ids import uuid7
from reviewhub.common.models import AuditEntry
from tests import factories
from tests.factories import LABELS, TESTER
from tests.races import at_once

pytestmark = pytest.mark.django_db


def create(**fields):
    asked = {
        "slug": "solar-cells",
        "name": "Solar cells",
        "kind": "image_classification",
        "labels": LABELS,
        "rules": Rules(),
        "review": ReviewSpec(),
    }
    return create_project(**{**asked, **fields}, actor=TESTER, now=timezone.now())


def test_a_project_opens_with_version_one_of_everything() -> None:
    project = create(guidelines="Look twice.", site_time_zone="Europe/Vienna")
    taxonomy = project.taxonomies.get()
    assert (taxonomy.number, taxonomy.guidelines) == (1, "Look twice.")
    assert [(label.key, label.hotkey, label.colour) for label in taxonomy.labels.all()] == [
        ("good", "1", 1),
        ("defect", "2", 2),
    ]
    assert project.routing_policies.get().rules == Rules().as_json()
    assert project.review_policies.get().answers_wanted == 1
    told = AuditEntry.objects.filter(project_id=project.pk).values_list("action", flat=True)
    assert set(told) == {
        "project.create",
        "taxonomy.revise",
        "routing_policy.revise",
        "review_policy.revise",
    }


def test_a_label_keeps_the_words_that_speak_for_it() -> None:
    spoken = LabelSpec("angry", "Angry", phrases=(" money back ", "never arrived"))
    project = create(kind="text_classification", labels=[*LABELS, spoken])
    labels = project.taxonomies.get().labels.all()
    assert [label.phrases for label in labels] == [[], [], ["money back", "never arrived"]]


@pytest.mark.parametrize(
    ("fields", "error", "field"),
    [
        ({"slug": "Solar"}, ProjectInvalid, "slug"),
        ({"slug": "-x"}, ProjectInvalid, "slug"),
        ({"name": " "}, ProjectInvalid, "name"),
        ({"kind": "video"}, ProjectInvalid, "kind"),
        ({"site_time_zone": "Mars/Olympus"}, ProjectInvalid, "site_time_zone"),
        ({"note": "n" * 301}, ProjectInvalid, "note"),
        ({"labels": LABELS[:1]}, TaxonomyInvalid, "labels"),
        ({"labels": (*LABELS, LabelSpec("No Key", "x"))}, TaxonomyInvalid, "labels[2].key"),
        ({"review": ReviewSpec(agreement_needed=2)}, PolicyInvalid, "agreement_needed"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(fields, error, field) -> None:
    with pytest.raises(error) as refused:
        create(**fields)
    assert field in [each["field"] for each in refused.value.data["errors"]]
    assert not Project.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_slug_is_taken_once() -> None:
    create()
    with pytest.raises(SlugTaken):
        create(name="Another")
    assert Project.objects.count() == 1


def test_an_instance_can_be_played_again_under_the_uid_it_had() -> None:
    uid = uuid7()
    assert create(uid=uid).uid == uid


def test_a_uid_is_taken_once() -> None:
    with pytest.raises(ProjectInvalid) as refused:
        create(slug="other-cells", uid=create().uid)
    assert refused.value.data["errors"][0]["field"] == "uid"


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_a_slug_at_once_one_gets_it() -> None:
    results = at_once(create, create)
    assert sorted(type(result).__name__ for result in results) == ["Project", "SlugTaken"]
    assert Project.objects.get().taxonomies.count() == 1


def test_builders_of_tests_make_projects_the_same_way() -> None:
    assert factories.project().taxonomies.count() == 1
