"""The pages of each kind: what is shown of an item, and how it is answered."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from annotations.domain.kinds import KINDS
from annotations.domain.reviewing import ReviewSpec
from annotations.models import Annotation, ProjectKind, QueueEntry, Review
from tests.factories import DEFECT, EVERYTHING_AUDITED, GOOD, lead, reviewer
from tests.kinds import (
    answered,
    box,
    boxes_project,
    drawn,
    queued_boxes,
    queued_text,
    texts_project,
)
from tests.pages import hidden_fields, on_bench, page, queries_of

pytestmark = pytest.mark.django_db
LATER = ReviewSpec(approval="lead", blind_share=0.0)
TWO = ReviewSpec(answers_wanted=2, agreement_needed=2, grace_seconds=0, blind_share=0.0)


def sit_down(of) -> Client:
    client = Client()
    client.force_login(reviewer(of))
    return client


def post(client, of, name, data, **fields):
    return client.post(reverse(f"annotations:{name}", args=[of.slug]), data, **fields)


def typed(*boxes, **more):
    """The fields of a form with these boxes in its rows."""
    columns = {
        f"box_{name}": [one[name] for one in boxes]
        for name in ("label", "x", "y", "width", "height")
    }
    return {**columns, **more}


def rows_in(text):
    """Rows of boxes; the one that a script copies lies in a template."""
    return len(re.findall(r"<span data-number>\d", text))


def boxes_form(text):
    return hidden_fields(text, within='name="verdict" value="boxes"')


@pytest.mark.parametrize("kind", ProjectKind.values)
def test_every_kind_has_its_module_its_stage_and_its_place_in_the_form(kind, repository):
    assert KINDS[kind].judged_by in ("label", "boxes")
    assert (repository / f"annotations/domain/kinds/{kind}.py").exists()
    assert (repository / f"templates/annotations/kinds/{kind}.html").exists()
    for form in ("answer", "settle"):
        name = f"{form}_{KINDS[kind].judged_by}.html"
        assert (repository / "templates/annotations/fragments" / name).exists()
    assert set(KINDS) == set(ProjectKind.values)


# --- texts ------------------------------------------------------------------------------------


def test_a_text_is_shown_as_it_came_with_language_and_channel():
    mail = texts_project()
    queued_text(
        mail,
        "Where is <b>my</b> parcel?\n  \u202egnp.exe pay\u200bpal",
        slices={"language": "de-AT", "channel": "chat"},
    )
    text = on_bench(page(sit_down(mail), "annotations:review", mail))
    assert "Where is &lt;b&gt;my&lt;/b&gt; parcel?\n  ‹U+202E›gnp.exe pay‹U+200B›pal</div>" in text
    assert 'dir="auto" lang="de-AT"' in text
    assert "language: German (de-AT)" in text
    assert "channel: chat" in text
    assert "Predicted <strong>Defect</strong>" in text
    assert "<img" not in text


def test_a_language_that_is_none_stays_out_of_the_markup():
    mail = texts_project()
    queued_text(mail, "Hello", slices={"language": '"><script>'})
    text = page(sit_down(mail), "annotations:review", mail)
    assert "lang=&quot;" not in text
    assert "&quot;&gt;&lt;script&gt;" in text


def test_a_text_is_answered_by_label_and_its_reasons_speak_of_texts():
    mail = texts_project(review=LATER)
    queued_text(mail, "Where is my parcel?")
    client = sit_down(mail)
    text = on_bench(page(client, "annotations:review", mail))
    assert "In a language I do not read" in text
    assert "picture" not in text.lower()
    form = hidden_fields(text, within='name="verdict" value="label"')
    told = post(client, mail, "answer", {**form, "label": GOOD}, follow=True).content.decode()
    assert "Saved: Good" in told
    assert '<span class="word">Good' in told
    assert Review.objects.get().verdict == "corrected"


def test_samples_of_a_model_are_counted_beside_its_label():
    mail = texts_project()
    said = {"samples": [DEFECT, DEFECT, GOOD, DEFECT]}
    queued_text(mail, "Where is my parcel?", said=said)
    assert "said 3 times of 4" in page(sit_down(mail), "annotations:review", mail)


def test_lists_show_how_a_text_begins():
    mail = texts_project()
    queued_text(mail, "Where is my parcel?\n" + "It was sent a week ago. " * 20)
    client = Client()
    client.force_login(lead(mail))
    for name in ("annotations:queue", "annotations:items"):
        assert "Where is my parcel? It was sent a week" in page(client, name, mail)
    item = QueueEntry.objects.get().item
    story = page(client, "training:item", mail, item.uid)
    assert "It was sent a week ago. It was sent" in story
    assert "has been erased" not in story


def test_an_erased_text_can_only_be_called_unusable():
    mail = texts_project()
    entry = queued_text(mail, "Where is my parcel?")
    content = entry.item.content
    content.text, content.erased_at = None, content.item.received_at
    content.save()
    client = sit_down(mail)
    assert "The text has been erased" in page(client, "annotations:review", mail)
    client.force_login(lead(mail))
    assert "has been erased" in page(client, "training:item", mail, entry.item.uid)


# --- boxes ------------------------------------------------------------------------------------


def test_predicted_boxes_are_drawn_and_listed():
    parts = boxes_project()
    queued_boxes(parts, box(x=4.256), box(GOOD, 20, 2, 5, 5, score=0.9))
    text = page(sit_down(parts), "annotations:review", parts)
    assert text.count('<g class="model">') == 2
    assert 'viewBox="0 0 32 24"' in text
    assert "Predicted <strong>2 boxes</strong>" in text
    assert re.search(r'name="box_x"[^>]*value="4.26"', text)
    assert rows_in(text) == 2 + 3
    assert "Confirm" in text


def test_a_blind_entry_shows_no_box_and_cannot_be_confirmed():
    parts = boxes_project(rules=EVERYTHING_AUDITED)
    queued_boxes(parts, box())
    text = page(sit_down(parts), "annotations:review", parts)
    assert "<rect" not in text
    assert "Predicted" not in text
    assert rows_in(text) == 3
    assert 'value="confirm"' not in text


def test_boxes_are_corrected_removed_and_added_in_one_form():
    parts = boxes_project(review=LATER)
    queued_boxes(parts, box(score=0.9), box(GOOD, 20, 2, 5, 5))
    client = sit_down(parts)
    form = boxes_form(page(client, "annotations:review", parts))
    sent = typed(
        box(x=6),
        box(GOOD, 20, 2, 5, 5),
        {"label": DEFECT, "x": "1", "y": "1.5", "width": "2", "height": "3"},
        {"label": GOOD, "x": "", "y": "", "width": "", "height": ""},
        box_remove=["2"],
    )
    told = post(client, parts, "answer", {**form, **sent}, follow=True).content.decode()
    assert "Saved: 2 boxes: Defect ×2" in told
    assert Review.objects.get().answer == {
        "boxes": drawn(box(x=6), box(DEFECT, 1, 1.5, 2, 3))[::-1]
    }


def test_a_form_that_is_left_alone_confirms():
    parts = boxes_project(review=LATER)
    queued_boxes(parts, box(x=4.256, height=8.333))
    client = sit_down(parts)
    form = boxes_form(page(client, "annotations:review", parts))
    post(client, parts, "answer", {**form, **typed(box(x="4.26", height="8.33"))})
    review = Review.objects.get()
    assert review.verdict == "confirmed"
    assert review.answer == {"boxes": drawn(box(x=4.256, height=8.333))}


def test_what_was_typed_stays_when_it_is_wrong_or_more_rows_are_wanted():
    parts = boxes_project(review=LATER)
    queued_boxes(parts, box())
    client = sit_down(parts)
    form = boxes_form(page(client, "annotations:review", parts))
    blank = {"label": GOOD, "x": "", "y": "", "width": "", "height": ""}
    sent = {**form, **typed(box(), blank, box(x="900"), box(x="few"), box_remove=["1"])}
    text = post(client, parts, "answer", sent).content.decode()
    assert "Box 3 x: Expected a box inside the image of 32 x 24 pixels" in text
    assert "Box 4 x: Expected a number of pixels" in text
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    german = post(client, parts, "answer", sent).content.decode()
    assert "Rahmen 3, x: der Rahmen ragt aus dem Bild." in german
    assert re.search(r'name="box_x"[^>]*value="900"', text)
    assert re.search(r'value="1"\s+checked', text)
    del client.defaults["HTTP_ACCEPT_LANGUAGE"]
    more = post(client, parts, "answer", {**sent, "more": "1"}).content.decode()
    assert rows_in(more) == 4 + 3
    assert re.search(r'name="box_x"[^>]*value="900"', more)
    assert not Review.objects.exists()


def test_nothing_there_is_said_by_a_button_and_never_by_an_empty_form():
    parts = boxes_project(review=LATER)
    queued_boxes(parts, box())
    client = sit_down(parts)
    form = boxes_form(page(client, "annotations:review", parts))
    empty = {name: [] for name in typed()}
    refused = post(client, parts, "answer", {**form, **empty}).content.decode()
    assert "If there is nothing, say “Nothing there”" in refused
    post(client, parts, "answer", {**form, **typed(box()), "nothing": "1"})
    assert Review.objects.get().answer == {"boxes": []}


def test_removing_every_box_says_that_nothing_is_there():
    parts = boxes_project(review=LATER)
    queued_boxes(parts, box())
    client = sit_down(parts)
    form = boxes_form(page(client, "annotations:review", parts))
    post(client, parts, "answer", {**form, **typed(box(), box_remove="1")})
    assert Review.objects.get().answer == {"boxes": []}


def test_fields_that_do_not_belong_together_are_refused():
    parts = boxes_project()
    queued_boxes(parts, box())
    client = sit_down(parts)
    form = boxes_form(page(client, "annotations:review", parts))
    sent = {**form, **typed(box(), box()), "box_x": ["4"]}
    told = post(client, parts, "answer", sent, follow=True).content.decode()
    assert "The input is not valid" in told
    assert not Review.objects.exists()


def test_a_thousand_boxes_fit_through_the_form():
    parts = boxes_project(review=LATER)
    queued_boxes(parts, box())
    client = sit_down(parts)
    form = boxes_form(page(client, "annotations:review", parts))
    post(client, parts, "answer", {**form, **typed(*[box(x=n / 50) for n in range(1_000)])})
    assert len(Review.objects.get().answer["boxes"]) == 1_000


def test_lists_and_the_story_tell_boxes_in_words_and_draw_them():
    parts = boxes_project()
    entry = queued_boxes(parts, box(score=0.9), box(GOOD, 20, 2, 5, 5))
    client = Client()
    client.force_login(lead(parts))
    assert "2 boxes: Defect, Good" in page(client, "annotations:queue", parts)
    assert "2 boxes: Defect, Good" in page(client, "annotations:items", parts)
    answered(parts, entry, reviewer(parts), "boxes", boxes=[])
    assert "nothing there" in page(client, "annotations:items", parts)
    story = page(client, "training:item", parts, entry.item.uid)
    assert "2 boxes: Defect, Good. Confidence" in story
    assert "Nothing there. Annotation 1 under taxonomy 1. It corrects the prediction." in story
    assert story.count('<g class="model">') == 2


def test_a_lead_settles_boxes_by_taking_an_opinion_or_drawing():
    parts = boxes_project(review=TWO)
    client = Client()
    client.force_login(lead(parts))
    first, second = reviewer(parts), reviewer(parts)
    for _ in range(3):
        entry = queued_boxes(parts, box())
        answered(parts, entry, first, "boxes", boxes=drawn(box(x=9)))
        answered(parts, entry, second, "boxes", boxes=[])

    text = page(client, "annotations:adjudicate", parts)
    assert "Nothing there" in text
    assert text.count('<g class="person">') == text.count('<g class="model">') == 1
    forms = re.findall(r"<form.*?</form>", text, re.DOTALL)
    taken = next(form for form in forms if "Settle as Reviewer 1" in form)
    told = post(client, parts, "settle", {**hidden_fields(taken)}, follow=True).content.decode()
    assert "Settled and approved: 1 box: Defect" in told
    assert Annotation.objects.latest("pk").answer == {"boxes": drawn(box(x=9))}

    entry = QueueEntry.objects.filter(state="awaiting_adjudication").first()
    sent = {"entry": entry.uid, "boxes": "1", **typed(box(GOOD, 1, 1, 5, 5))}
    post(client, parts, "settle", sent)
    assert Annotation.objects.latest("pk").answer == {"boxes": drawn(box(GOOD, 1, 1, 5, 5))}

    entry = QueueEntry.objects.get(state="awaiting_adjudication")
    told = post(client, parts, "settle", {"entry": entry.uid, "boxes": "1"}, follow=True)
    assert "No box was given" in told.content.decode()
    post(client, parts, "settle", {"entry": entry.uid, "nothing": "1"})
    assert Annotation.objects.latest("pk").answer == {"boxes": []}


@pytest.mark.parametrize("of", [boxes_project, texts_project])
def test_pages_cost_the_same_queries_at_any_length(of):
    project = of(review=LATER)

    def grow(number):
        for _ in range(number):
            if of is boxes_project:
                queued_boxes(project, box(), box(x=9))
            else:
                queued_text(project, "Where is my parcel?")

    client = Client()
    client.force_login(lead(project))
    names = ("annotations:review", "annotations:queue", "annotations:items")
    urls = [reverse(name, args=[project.slug]) for name in names]
    grow(3)
    before = [queries_of(client, url) for url in urls]
    grow(4)
    assert [queries_of(client, url) for url in urls] == before
