"""Pages in the language of who looks: their choice, this browser's last, or what it asks for."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests import factories

pytestmark = pytest.mark.django_db

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.4"}


def text(response: HttpResponse) -> str:
    return response.content.decode()


def test_the_login_page_speaks_what_the_browser_asks_for(client: Client) -> None:
    german = client.get("/login", headers=GERMAN)
    assert '<html lang="de"' in text(german)
    assert "Anmelden" in text(german)
    assert "Accept-Language" in german["Vary"]
    assert "Iniciar sesión" in text(client.get("/login", headers={"Accept-Language": "es"}))
    assert "Log in" in text(client.get("/login", headers={"Accept-Language": "fi"}))


def test_a_persons_choice_wins_and_the_next_login_at_this_browser_remembers_it(
    client: Client,
) -> None:
    person = factories.stranger("rita")
    client.force_login(person)
    saved = {"theme": "dark", "language": "es", "time_zone": "America/Bogota", "single_keys": "on"}
    page = client.post(reverse("annotations:profile"), saved, headers=GERMAN, follow=True)
    assert "Perfil guardado." in text(page)
    client.post("/logout")
    assert "Iniciar sesión" in text(client.get("/login", headers=GERMAN))


def test_who_has_chosen_nothing_is_met_in_the_browsers_language(client: Client) -> None:
    client.force_login(factories.stranger("rita"))
    assert "Noch kein Projekt" in text(client.get("/", headers=GERMAN))


def test_a_language_that_is_not_offered_is_refused_and_one_in_the_database_ignored(
    client: Client,
) -> None:
    person = factories.stranger("rita")
    client.force_login(person)
    saved = {"theme": "dark", "language": "tlh", "time_zone": "UTC"}
    assert (
        'aria-invalid="true"' in client.post(reverse("annotations:profile"), saved).content.decode()
    )
    type(person).objects.update(language="tlh")
    assert '<html lang="en"' in text(client.get("/"))


def test_the_made_up_language_is_read_from_right_to_left(client: Client) -> None:
    page = text(client.get("/login", headers={"Accept-Language": "ar-XB"}))
    assert '<html lang="ar-xb"\n      dir="rtl"' in page
    assert "⟦Ļóg" in page


def test_programs_are_answered_in_english(client: Client) -> None:
    project = factories.project()
    answer = client.get(f"/api/v1/projects/{project.slug}/predictions", headers=GERMAN)
    assert answer.status_code in {401, 404, 405}
    assert answer.json()["title"].isascii()
    assert "fehlt" not in answer.json()["title"]


def test_an_error_page_is_told_in_the_persons_language_and_names_its_code(client: Client) -> None:
    client.force_login(factories.stranger("rita"))
    page = client.get("/p/nowhere/review", headers=GERMAN)
    assert page.status_code == 404
    assert "Dieses Projekt gibt es nicht" in text(page)
    assert "unknown_project" in text(page)


def test_a_form_that_is_out_of_date_is_explained_in_the_persons_language() -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post("/login", {"username": "a", "password": "b"}, headers=GERMAN)
    assert page.status_code == 403
    assert "Laden Sie die Seite neu" in text(page) or "laden Sie die Seite neu" in text(page)


def test_plural_forms_are_the_languages_own() -> None:
    from annotations.queries.marks import said_mark

    boxes = [{"label": "crack"}, {"label": "crack"}]
    with translation.override("es"):
        assert said_mark({}, "", {"boxes": boxes[:1]}).text == "1 recuadro: crack"
        assert said_mark({}, "", {"boxes": boxes}).text == "2 recuadros: crack ×2"
        assert said_mark({}, "", {"boxes": []}).text == "nada"


def test_pages_of_leads_are_english_throughout(client: Client) -> None:
    project = factories.project()
    client.force_login(factories.lead(project))
    page = client.get(reverse("training:overview", args=[project.slug]), headers=GERMAN)
    assert '<html lang="en"' in text(page)
    review = client.get(reverse("annotations:review", args=[project.slug]), headers=GERMAN)
    assert '<html lang="de"' in text(review)
