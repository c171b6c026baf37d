from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from annotations.models import QueueEntry
from tests.factories import project, reviewer
from tests.pages import page
from tests.training.builders import annotation_of, approved, model, snapshot
from tests.world import lively_project
from training.models import SnapshotMember

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return lively_project()


@pytest.fixture
def desk(client, world):
    client.force_login(world.lead)
    return client


def test_a_story_runs_from_the_prediction_to_the_approval_in_order(desk, world):
    text = page(desk, "training:item", world.project, world.item.uid)

    told = ["Received", "predicted", "Routed: queued", "Queued", "rita:", "Settled:", "Approved"]
    places = [text.index(event) for event in told]
    assert places == sorted(places)
    assert "Audit probability" in text


def test_a_story_ends_with_the_models_that_learned_from_it(desk, world):
    item = approved(world.project, fold="learn")
    learner = model(world.project)
    SnapshotMember.objects.create(
        snapshot=learner.snapshot, annotation=annotation_of(item), fold="learn", recent=True
    )

    text = page(desk, "training:item", world.project, item.uid)

    assert f"v{learner.number} learned from it" in text
    assert reverse("training:model", args=[world.project.slug, learner.number]) in text


def test_an_item_of_a_snapshot_that_no_model_came_of_says_so_much(desk, world):
    item = approved(world.project, fold="learn")
    frozen = snapshot(world.project)
    SnapshotMember.objects.create(
        snapshot=frozen, annotation=annotation_of(item), fold="learn", recent=True
    )
    text = page(desk, "training:item", world.project, item.uid)
    assert f"Frozen into data set {frozen.digest[:12]}" in text


def test_a_waiting_item_can_be_taken_out_from_its_page(desk, world):
    entry = QueueEntry.objects.filter(state="awaiting_review").first()
    text = page(desk, "training:item", world.project, entry.item.uid)
    assert reverse("annotations:withdraw", args=[world.project.slug, entry.uid]) in text
    done = page(desk, "training:item", world.project, world.item.uid)
    assert "Take out of the queue" not in done


def test_an_item_whose_content_was_erased_still_has_its_story(desk, world):
    content = world.item.content
    content.image, content.erased_at = None, world.item.received_at
    content.save()
    text = page(desk, "training:item", world.project, world.item.uid)
    assert "Its story" in text
    assert "erased" in text
    assert 'src=""' not in text


def test_items_of_others_are_not_there(desk, world):
    elsewhere = approved(project(), fold="learn")
    address = reverse("training:item", args=[world.project.slug, elsewhere.uid])
    assert desk.get(address).status_code == 404


def test_reviewers_do_not_read_what_the_model_said(world):
    rita = Client()
    rita.force_login(reviewer(world.project))
    address = reverse("training:item", args=[world.project.slug, world.item.uid])
    assert rita.get(address).status_code == 403
