from __future__ import annotations

import pytest
from django.urls import reverse

from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.domain.labels import LabelSpec, TaxonomySpec
from annotations.queries.label_hotkeys import label_hotkeys
from tests.factories import LABELS, TESTER, operator, present, project, reviewer, stranger

pytestmark = pytest.mark.django_db
LETTERED = (*LABELS, LabelSpec("crack", "Crack", hotkey="q"), LabelSpec("dust", "Dust", hotkey="W"))


@pytest.fixture
def url() -> str:
    return reverse("annotations:keys")


def test_letters_of_labels_are_those_of_today_in_the_projects_of_the_person() -> None:
    cells = project(name="Cells", labels=LETTERED)
    project(name="Elsewhere", labels=(*LABELS, LabelSpec("other", "Other", hotkey="o")))
    rita = reviewer(cells)
    assert label_hotkeys(rita) == {"q": "Crack (Cells)", "w": "Dust (Cells)"}
    assert set(label_hotkeys(operator())) == {"q", "w", "o"}
    assert label_hotkeys(stranger()) == {}

    newer = TaxonomySpec((*LABELS, LabelSpec("crack", "Crack", hotkey="e")))
    revise_taxonomy(project=cells, spec=newer, actor=TESTER, now=present())

    assert label_hotkeys(rita) == {"e": "Crack (Cells)"}


def test_a_shipped_key_that_a_label_has_is_told_and_no_fault(client, url) -> None:
    rita = reviewer(project(name="Cells", labels=LETTERED))
    client.force_login(rita)
    assert client.post(url, {"layout": "left"}).status_code == 302
    text = client.get(url).content.decode()
    assert "Q chooses the label Crack (Cells)." in text


def test_what_is_refused_comes_back_as_it_was_typed(client, url) -> None:
    rita = stranger()
    client.force_login(rita)
    answer = client.post(url, {"key_skip": "ctrl+w", "key_undo": "p", "key_gone": "x"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Ctrl+W belongs to the browser or to every page." in text
    assert 'value="p"' in text
    rita.refresh_from_db()
    assert rita.keymap == {}


def test_a_layout_keeps_own_keys_and_a_reset_forgets_them(client, url) -> None:
    rita = stranger()
    client.force_login(rita)
    client.post(url, {"key_skip": "h"})
    client.post(url, {"layout": "left"})
    rita.refresh_from_db()
    # H is hiding the boxes at the right hand, and free at the left.
    assert rita.keymap == {"layout": "left", "keys": {}}
    client.post(url, {"key_skip": "h"})
    client.post(url, {"layout": "left"})
    rita.refresh_from_db()
    assert rita.keymap == {"layout": "left", "keys": {"skip": "h"}}
    refused = client.post(url, {"layout": "right"})
    assert refused.status_code == 422
    client.post(url, {"reset": "1"})
    rita.refresh_from_db()
    assert rita.keymap == {"layout": "left", "keys": {}}


def test_a_layout_that_nobody_ships_is_refused(client, url) -> None:
    client.force_login(stranger())
    assert client.post(url, {"layout": "up"}).status_code >= 400
