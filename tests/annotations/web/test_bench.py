"""What the script of the workbench asks for and is told: tests/browser has the script itself."""

from __future__ import annotations

import json
import re
from uuid import uuid4

import pytest
from django.db import connection
from django.template import engines
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.domain.reviewing import ReviewSpec
from annotations.models import Assignment, QueueEntry, Review
from tests.factories import DEFECT, EVERYTHING_AUDITED, GOOD, lead, project, queued, reviewer
from tests.factories import stranger as a_stranger
from tests.kinds import box, boxes_project, queued_boxes, queued_text, texts_project
from tests.pages import hidden_fields, page

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
BENCH = {"X-Bench": "1", "Accept": "application/json"}


class Browser:
    """A reviewer at the workbench, with the script's view of it: first the item on the screen."""

    def __init__(self, of, who=None, **options):
        self.of, self.who = of, who or reviewer(of)
        self.client = Client(headers=BENCH, **options)
        self.client.force_login(self.who)
        self.items: list[dict] = []

    def open(self):
        """The page with its first item, and what comes ahead of its turn."""
        text = page(plain_client(self.client), "annotations:review", self.of)
        first = hidden_fields(text, within='name="verdict"')
        self.items = [{"entry": first["entry"], "html": text}] if first else []
        return self.fetch()

    def fetch(self):
        told = self.told(self.client.get(self.url("ahead"), {"have": self.have}))
        self._take(told)
        return told

    def answer(self, item=None, **changes):
        """Answer the item on the screen; the next one is there before the answer is sent."""
        item = item or self.items.pop(0)
        return self.told(self.post(item, **changes))

    def post(self, item, **changes):
        form = hidden_fields(item["html"], within='name="verdict" value="label"')
        sent = {**form, "label": GOOD, "have": self.have, "seconds": "1.5", **changes}
        return self.client.post(self.url("answer"), sent)

    def undo(self, review):
        return self.client.post(self.url("undo"), {"review": review})

    def url(self, name):
        return reverse(f"annotations:{name}", args=[self.of.slug])

    @property
    def have(self):
        return ",".join(item["entry"] for item in self.items)

    def told(self, response):
        assert response.status_code == 200, response.content.decode()[:500]
        document = response.json()
        self._take(document)
        return document

    def _take(self, told):
        had = {item["entry"] for item in self.items}
        self.items += [item for item in told.get("items", ()) if item["entry"] not in had]


def plain_client(client):
    plain = Client()
    plain.cookies = client.cookies
    return plain


@pytest.fixture
def cells():
    return project(review=ReviewSpec(approval="lead", blind_share=0.0))


@pytest.fixture
def rita(cells):
    for number in range(8):
        queued(cells, external_id=f"cell-{number}", label=DEFECT, confidence=0.62)
    return Browser(cells)


def test_the_page_claims_one_item_and_the_script_three_more(rita):
    page(plain_client(rita.client), "annotations:review", rita.of)
    assert Assignment.objects.count() == 1
    told = rita.open()
    assert [item["entry"] for item in told["items"]] == [
        str(uid) for uid in QueueEntry.objects.order_by("sort_key").values_list("uid", flat=True)
    ][1:4]
    assert (told["today"], told["left"], told["gone"]) == (0, 8, [])
    assert Assignment.objects.filter(soft=True).count() == 3


def test_an_item_ahead_is_all_that_is_needed_to_judge_it(rita):
    html = rita.open()["items"][0]["html"]
    entry = rita.items[1]["entry"]
    assert html.strip().startswith('<section class="bench-item"')
    assert html.strip().endswith("</section>")
    assert f'data-entry="{entry}"' in html
    assert 'data-external-id="cell-1"' in html
    assert 'data-announce="Item cell-1"' in html
    for verdict in ("confirm", "label", "reject", "skip", "lead"):
        fields = hidden_fields(html, within=f'name="verdict" value="{verdict}"')
        assert fields["entry"] == entry
    assert html.count("data-answer") == 5
    assert html.count("data-undo") == 1
    assert "csrf" not in html


def test_an_answer_tells_what_was_stored_and_brings_one_more_item(rita):
    rita.open()
    sent = rita.items[0]["entry"]
    told = rita.answer()
    review = Review.objects.get()
    assert (told["review"], told["entry"], told["verdict"]) == (str(review.uid), sent, "corrected")
    assert (told["message"], told["today"], told["left"]) == ("Saved: Good", 1, 7)
    assert told["recent"].strip().startswith("<button")
    assert str(review.uid) in told["recent"]
    assert "/thumbnail" in told["recent"]
    assert len(told["items"]) == 1
    assert len(rita.items) == 4
    assert Assignment.objects.get(state="held", soft=False).entry.uid.hex == rita.items[0][
        "entry"
    ].replace("-", "")


def test_the_whole_queue_can_be_worked_off(rita):
    rita.open()
    seen = []
    while rita.items:
        seen.append(rita.items[0]["entry"])
        told = rita.answer()
    assert len(set(seen)) == len(seen) == Review.objects.count() == 8
    assert (told["items"], told["left"], told["today"]) == ([], 0, 8)
    assert not Assignment.objects.filter(state="held").exists()


def test_the_same_answer_again_is_told_the_same_and_counts_once(rita):
    rita.open()
    item = rita.items[0]
    first, again = rita.answer(item), rita.answer(item)
    for name in ("review", "entry", "verdict", "message", "recent", "today", "left"):
        assert again[name] == first[name], name
    assert Review.objects.count() == 1


def test_seconds_are_what_the_browser_measured_if_they_can_be_true(rita):
    rita.open()
    Assignment.objects.all()
    for seconds in ("0", "0.004", "-1", "86400", "nonsense", "nan", ""):
        rita.answer(seconds=seconds)
    stored = list(Review.objects.order_by("pk").values_list("seconds", flat=True))
    assert stored[:2] == [0, 0.004]
    assert all(0 < seconds < 30 for seconds in stored[2:])


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"entry": "nonsense"}, 422, "invalid_input"),
        ({"entry": str(uuid4())}, 404, "unknown_entry"),
        ({"token": ""}, 422, "invalid_input"),
        ({"verdict": "approve"}, 422, "invalid_input"),
        ({"label": "scratch"}, 422, "unknown_label"),
        ({"verdict": "skip", "reason": ""}, 422, "reason_missing"),
        ({"started": "2020-01-01T00:00:00+00:00"}, 422, "invalid_input"),
        ({"have": "nonsense"}, 422, "invalid_input"),
        ({"have": ",".join(str(uuid4()) for _ in range(101))}, 422, "invalid_input"),
    ],
)
def test_what_is_wrong_is_a_problem_with_its_code(rita, wrong, status, code):
    rita.open()
    response = rita.post(rita.items[0], **wrong)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == code


def test_a_second_answer_to_an_item_is_a_conflict_that_says_so(rita):
    rita.open()
    item = rita.items[0]
    rita.answer(item)
    response = rita.post(item, token=str(uuid4()))
    assert (response.status_code, response.json()["code"]) == (409, "already_answered")


def test_an_undo_brings_the_item_back(rita):
    rita.open()
    sent = rita.items[0]["entry"]
    told = rita.answer()
    undone = rita.undo(told["review"]).json()
    assert undone["item"]["entry"] == sent
    assert "bench-item" in undone["item"]["html"]
    assert (undone["today"], undone["left"]) == (0, 8)
    assert "Taken back" in undone["message"]
    again = rita.undo(told["review"]).json()
    assert again["item"]["entry"] == sent
    rita.answer({"entry": sent, "html": undone["item"]["html"]})
    assert Review.objects.get(effective=True).entry.uid.hex == sent.replace("-", "")


def test_an_undo_of_what_a_colleague_judges_by_now_brings_no_item(cells):
    queued(cells)
    rita, rolf = Browser(cells), Browser(cells)
    rita.open()
    told = rita.answer(verdict="skip", reason="unsure")
    rolf.open()
    undone = rita.undo(told["review"]).json()
    assert undone["item"] is None
    assert "Taken back" in undone["message"]


def test_an_answer_without_a_receipt_is_undone_by_its_token(rita, cells):
    rita.open()
    told = rita.answer()
    token = str(Review.objects.get().token)
    undone = rita.client.post(rita.url("undo"), {"token": token}).json()
    assert (undone["review"], undone["item"]["entry"]) == (told["review"], told["entry"])
    assert not Review.objects.filter(effective=True).exists()
    again = rita.client.post(rita.url("undo"), {"token": token}).json()
    assert again["review"] == told["review"]

    for browser, name in ((Browser(cells), token), (rita, str(uuid4()))):
        response = browser.client.post(rita.url("undo"), {"token": name})
        assert (response.status_code, response.json()["code"]) == (404, "unknown_entry")


def test_another_answer_under_the_same_token_is_a_problem_that_names_the_first(rita):
    rita.open()
    item = rita.items[0]
    first = rita.answer()
    again = rita.post(item, label=DEFECT)
    assert (again.status_code, again.json()["code"]) == (422, "answered_otherwise")
    assert again.json()["review"] == first["review"]
    assert rita.post(item).json()["review"] == first["review"]


def test_an_undo_that_is_impossible_is_a_problem(rita):
    rita.open()
    told = rita.answer()
    QueueEntry.objects.filter(uid=told["entry"]).update(state="withdrawn", slots_open=0)
    response = rita.undo(told["review"])
    assert (response.status_code, response.json()["code"]) == (409, "undo_impossible")


def test_leaving_gives_back_what_was_not_looked_at(rita):
    rita.open()
    kept = rita.items[3]["entry"]
    plain = plain_client(rita.client)
    response = plain.post(rita.url("leave"), {"keep": kept})
    assert (response.status_code, response.content) == (204, b"")
    held = Assignment.objects.filter(state="held").values_list("entry__uid", flat=True)
    assert {str(uid) for uid in held} == {rita.items[0]["entry"], kept}


def test_a_colleagues_items_are_never_ahead_of_mine(rita, cells):
    rolf = Browser(cells)
    rita.open()
    rolf.open()
    assert len({item["entry"] for item in rita.items + rolf.items}) == 8


def test_what_a_colleague_has_taken_over_is_said_to_be_gone(rita, cells):
    rita.open()
    plain_client(rita.client).post(rita.url("leave"))
    rolf = Browser(cells)
    rolf.open()
    told = rita.fetch()
    assert set(told["gone"]) == {item["entry"] for item in rolf.items} & {
        item["entry"] for item in rita.items
    }
    assert len(told["gone"]) == 3


def test_an_item_ahead_leaks_nothing_of_a_blind_prediction():
    for label in (GOOD, DEFECT):
        blind = project(rules=EVERYTHING_AUDITED)
        for _ in range(2):
            queued(blind, label=label, confidence=0.9137 if label == GOOD else 0.5211)
        rita = Browser(blind)
        rita.open()
        html = rita.items[1]["html"]
        # The time it was made may hold any figures.
        shown = re.sub(r'name="started"\s+value="[^"]*"', "", html)
        for trace in ("0.91", "0.52", "Predicted", "onfidence", "guess", "udit"):
            assert trace not in shown, trace
        assert "onfirm" not in json.dumps(rita.answer(label=DEFECT)).replace(html, "")


def test_a_session_that_ran_out_is_said_and_never_a_redirect(rita):
    rita.open()
    item = rita.items[0]
    rita.client.cookies.clear()
    for response in (rita.post(item), rita.client.get(rita.url("ahead")), rita.undo(uuid4())):
        assert response.status_code == 401
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == "unauthenticated"


def test_a_forged_or_stale_token_is_a_problem_too(cells):
    queued(cells)
    strict = Browser(cells, enforce_csrf_checks=True)
    strict.open()
    response = strict.client.post(strict.url("answer"), {"entry": strict.items[0]["entry"]})
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
    assert response["Content-Type"] == "application/problem+json"


def test_the_token_of_the_session_goes_with_what_is_sent(cells):
    queued(cells)
    strict = Browser(cells, enforce_csrf_checks=True)
    strict.open()
    token = strict.client.get(reverse("annotations:session")).json()["csrf"]
    item = strict.items[0]
    form = hidden_fields(item["html"], within='name="verdict" value="label"')
    form.pop("csrfmiddlewaretoken")
    response = strict.client.post(
        strict.url("answer"), {**form, "label": GOOD}, headers={"X-CSRFToken": token}
    )
    assert response.status_code == 200
    assert Review.objects.count() == 1


def test_the_session_says_who_is_logged_in(rita):
    told = rita.client.get(reverse("annotations:session")).json()
    assert told["user"] == str(rita.who.uid)
    assert told["csrf"]
    nobody = Client().get(reverse("annotations:session"), headers=BENCH)
    assert nobody.json()["user"] is None
    assert "no-store" in nobody["Cache-Control"]


@pytest.mark.parametrize("name", ["ahead", "answer", "undo", "leave"])
def test_strangers_are_told_nothing(rita, name):
    outside = Client(headers=BENCH)
    outside.force_login(a_stranger())
    ask = outside.get if name == "ahead" else outside.post
    response = ask(rita.url(name))
    assert (response.status_code, response.json()["code"]) == (404, "unknown_project")


def test_items_ahead_are_not_for_a_cache(rita):
    response = rita.client.get(rita.url("ahead"))
    assert "no-store" in response["Cache-Control"]


def test_keys_are_the_persons_own(rita):
    rita.who.keymap = {"layout": "left", "keys": {"confirm": "k"}}
    rita.who.save()
    html = rita.open()["items"][0]["html"]
    assert 'data-key="k,enter"' in html
    assert 'aria-keyshortcuts="K Enter"' in html
    assert 'data-key="r"' in html
    assert 'data-key="z,ctrl+z"' in html


def test_a_lead_has_the_same_bench(cells):
    queued(cells)
    boss = Browser(cells, who=lead(cells))
    boss.open()
    assert boss.answer()["today"] == 1


def test_an_answer_costs_the_same_with_a_long_queue_and_a_long_history(cells):
    for _ in range(10):
        queued(cells)
    rita = Browser(cells)
    rita.open()
    rita.answer()
    few = _queries_of(rita)
    for _ in range(100):
        queued(cells)
    for _ in range(30):
        rita.answer()
    assert _queries_of(rita) == few


def _queries_of(browser) -> int:
    with CaptureQueriesContext(connection) as captured:
        browser.answer()
    return len(captured)


def test_what_is_kept_of_one_item_never_shows_in_another():
    """Each item ahead is, to the letter, what a process that has rendered no other makes of it."""
    for of in _all_sorts():
        rita = Browser(of)
        warm = [item["html"] for item in rita.fetch()["items"]]
        assert len(warm) == 4
        assert [_made_afresh(rita, item) for item in rita.items] == [
            _without_what_is_drawn(html) for html in warm
        ]


def _all_sorts():
    """Projects of three kinds, in each of which every item differs in all that can differ."""
    shown = ReviewSpec(approval="lead", blind_share=0.0)
    parts = project(review=shown)
    for number, label in enumerate((GOOD, DEFECT, GOOD, DEFECT)):
        queued(parts, label=label, confidence=0.6 + number / 100)
    blind = project(rules=EVERYTHING_AUDITED)
    for number, label in enumerate((GOOD, DEFECT, GOOD, DEFECT)):
        queued(blind, label=label, confidence=0.6 + number / 100)
    boxes = boxes_project(review=shown)
    for drawn in ([box()], [box(x=3.0)], [box(), box(x=9.0)], [box(y=1.0)]):
        queued_boxes(boxes, *drawn)
    texts = texts_project(review=shown)
    for number in range(4):
        queued_text(texts, f"Text {number}", slices={"language": ("de", "en", "he", "")[number]})
    return parts, blind, boxes, texts


def _made_afresh(browser, item) -> str:
    for engine in engines.all():
        for loader in engine.engine.template_loaders:
            loader.reset()
    others = ",".join(each["entry"] for each in browser.items if each is not item)
    (again,) = browser.client.get(browser.url("ahead"), {"have": others}).json()["items"]
    assert again["entry"] == item["entry"]
    return _without_what_is_drawn(again["html"])


def _without_what_is_drawn(html: str) -> str:
    """The item without the token and the time that are new each time."""
    html = re.sub(r'name="token" value="[^"]*"', "TOKEN", html)
    return re.sub(r'name="started" value="[^"]*"', "STARTED", html)
