"""Who sees which page of the review side."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import image_bytes, operator, project, queued, reviewer, stranger
from tests.pages import page
from tests.world import World, deliveries, lively_project

pytestmark = pytest.mark.django_db

FOR_REVIEWERS = {"annotations:review": "cell-", "annotations:guideline": "busbar"}
FOR_LEADS = {
    "annotations:adjudicate": "Settle as",
    "annotations:queue": "waiting for review",
    "annotations:items": "golden-0",
    "annotations:audit": "review.submit",
    "annotations:deliveries": "model.promoted",
    "training:overview": "The counts balance",
    "training:runs": "Run 4",
    "training:models": "v3",
    "training:settings": "Routing policy",
}
EVERY_PAGE = FOR_REVIEWERS | FOR_LEADS


@pytest.fixture
def world() -> World:
    world = lively_project()
    deliveries(world.project, "failed")
    return world


def test_every_page_shows_a_lead_the_project(client, world):
    client.force_login(world.lead)
    for name, shows in EVERY_PAGE.items():
        assert shows in page(client, name, world.project), name


def test_an_operator_who_is_no_member_sees_every_page(client, world):
    client.force_login(operator())
    for name in EVERY_PAGE:
        page(client, name, world.project)


def test_empty_pages_say_what_will_appear(client):
    empty = project()
    client.force_login(operator())
    for name in EVERY_PAGE:
        page(client, name, empty)
    assert "Nothing is waiting for you" in page(client, "annotations:review", empty)
    assert "Clients register webhooks" in page(client, "annotations:deliveries", empty)


def test_the_menu_of_a_person_says_who_they_are_in_the_project(client, world):
    client.force_login(world.reviewer)
    assert f"Reviewer in {world.project.name}" in page(client, "annotations:review", world.project)
    client.force_login(world.lead)
    assert f"Team lead in {world.project.name}" in page(client, "annotations:queue", world.project)


def test_a_reviewer_may_review_and_nothing_more(client, world):
    client.force_login(world.reviewer)
    text = page(client, "annotations:review", world.project)
    assert reverse("training:settings", args=[world.project.slug]) not in text
    page(client, "annotations:guideline", world.project)
    for name in FOR_LEADS:
        assert client.get(reverse(name, args=[world.project.slug])).status_code == 403, name


def test_a_stranger_cannot_tell_the_project_from_one_that_does_not_exist(client, world):
    client.force_login(stranger())
    for name in EVERY_PAGE:
        here = client.get(reverse(name, args=[world.project.slug]))
        nowhere = client.get(reverse(name, args=["no-such-project"]))
        assert (here.status_code, nowhere.status_code) == (404, 404), name


def test_nobody_sees_a_page_before_logging_in(world):
    anybody = Client()
    for name in EVERY_PAGE:
        url = reverse(name, args=[world.project.slug])
        response = anybody.get(url)
        assert response.status_code == 302
        assert response.url == f"/login?next={url}"


def test_a_fragment_asks_the_whole_page_to_log_in(world):
    url = reverse("annotations:review", args=[world.project.slug])
    response = Client().get(url, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert response["HX-Redirect"] == f"/login?next={url}"


def test_projects_lists_only_ones_own(client, world):
    project(name="Somebody else's")
    client.force_login(world.reviewer)

    text = client.get(reverse("annotations:projects")).content.decode()

    assert "Solar cells, line 3" in text
    assert "Somebody else&#x27;s" not in text


def test_a_member_of_nothing_is_told_whom_to_ask(client):
    client.force_login(stranger())
    assert "No project yet" in client.get(reverse("annotations:projects")).content.decode()


def test_profile_is_kept_and_used(client, world):
    client.force_login(world.reviewer)

    sent = {"theme": "dark", "language": "de", "time_zone": "Asia/Tokyo"}
    response = client.post(reverse("annotations:profile"), sent, follow=True)

    text = response.content.decode()
    world.reviewer.refresh_from_db()
    kept = world.reviewer
    assert (kept.language, kept.time_zone, kept.break_hint) == ("de", "Asia/Tokyo", False)
    assert 'data-theme="dark"' in text
    assert 'data-single-keys="off"' in text


def test_a_time_zone_that_is_none_comes_back_with_its_fault(client, world):
    client.force_login(world.reviewer)

    sent = {"theme": "dark", "language": "en", "time_zone": "Moon/Crater"}
    text = client.post(reverse("annotations:profile"), sent).content.decode()

    assert 'aria-invalid="true"' in text
    world.reviewer.refresh_from_db()
    assert world.reviewer.theme == "system"


def test_a_picture_is_for_members_of_its_project_only(client, world):
    image = world.item.content.image
    url = reverse("annotations:media", args=[world.project.slug, image.uid, "thumbnail"])
    client.force_login(world.reviewer)

    response = client.get(url)

    assert response["Content-Type"] == "image/webp"
    assert response.content.startswith(b"RIFF")
    assert "sandbox" in response["Content-Security-Policy"]
    elsewhere = project()
    client.force_login(reviewer(elsewhere))
    assert client.get(url).status_code == 404
    by_another_door = reverse("annotations:media", args=[elsewhere.slug, image.uid, "thumbnail"])
    assert client.get(by_another_door).status_code == 404


def test_all_pixels_of_a_large_picture_are_for_its_members_too(client):
    cells = project()
    large = image_bytes(1, size=(2100, 30), form="JPEG")
    image = queued(cells, image=large).item.content.image
    small = queued(cells).item.content.image
    url, none = (
        reverse("annotations:media", args=[cells.slug, one.uid, "full"]) for one in (image, small)
    )
    client.force_login(reviewer(cells))
    response = client.get(url)
    assert (response["Content-Type"], response.content[:2]) == ("image/jpeg", b"\xff\xd8")
    assert "sandbox" in response["Content-Security-Policy"]
    assert client.get(none).status_code == 404
    client.force_login(stranger())
    assert client.get(url).status_code == 404


def test_the_original_of_a_picture_is_never_served(client, world):
    image = world.item.content.image
    client.force_login(world.lead)
    for variant in ("original", "originals", "display-2"):
        url = reverse("annotations:media", args=[world.project.slug, image.uid, variant])
        assert client.get(url).status_code == 404
