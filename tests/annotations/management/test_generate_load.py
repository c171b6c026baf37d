"""The load that anyone can send: the same again for the same seed, and like real clients."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from django.core.management import CommandError, call_command

from annotations.management.load import report
from annotations.management.load.items import broken_picture
from annotations.management.load.projects import open_projects
from annotations.management.load.sending import Told, encoded
from annotations.management.load.traffic import Call, Stream, intensity, traffic
from annotations.models import Project
from tests.factories import TESTER, present

STREAMS = (
    Stream("parts", "image_classification", ("good", "crack", "scratch")),
    Stream("boxes", "object_detection", ("crack", "scratch")),
    Stream("messages", "text_classification", ("question", "refund", "praise")),
)


def a_day(**fields) -> list[Call]:
    return list(traffic(**{"streams": STREAMS, "seconds": 600, "rate": 20.0, "seed": 7, **fields}))


@pytest.fixture(scope="module")
def day() -> list[Call]:
    return a_day()


def predictions(calls: list[Call]) -> list[dict]:
    return [
        each
        for call in calls
        if call.sort in ("ordinary", "repeat")
        for each in json.loads(call.document)["predictions"]
    ]


def test_the_same_seed_is_the_same_traffic_and_another_is_not(day) -> None:
    assert a_day() == day
    assert a_day(seed=8) != day


def test_calls_come_in_the_order_of_their_times_at_about_the_rate_asked_for(day) -> None:
    times = [call.at for call in day]
    assert times == sorted(times)
    sent = sum(call.predictions for call in day if call.sort != "retry")
    assert sent / 600 == pytest.approx(20.0, rel=0.25)


def test_noon_is_busier_than_midnight_and_there_are_rushes(day) -> None:
    assert intensity(0.5) > 5 * intensity(0.0)
    a_minute = Counter(int(call.at // 12) for call in day)
    assert max(a_minute.values()) > 3 * sum(a_minute.values()) / 50


def test_some_calls_are_sent_twice_as_they_are(day) -> None:
    firsts = {call.key: call for call in day if call.sort == "ordinary"}
    retries = [call for call in day if call.sort == "retry"]
    assert 0.005 < len(retries) / len(day) < 0.08
    for again in retries:
        assert encoded(again) == encoded(firsts[again.key])
        assert again.at > firsts[again.key].at


def test_every_project_is_sent_to_and_items_have_several_predictors(day) -> None:
    assert {call.slug for call in day} == {"parts", "boxes", "messages"}
    said: dict[str, set[str]] = {}
    for each in predictions(day):
        said.setdefault(each["external_id"], set()).add(json.dumps(each["predictor"]))
    assert 0.03 < sum(len(names) > 1 for names in said.values()) / len(said) < 0.3


def test_a_few_in_a_hundred_are_wrong_in_every_way_we_know(day) -> None:
    sent = predictions(day)
    faults = Counter(each.get("source_group", "") for each in sent)
    assert 0.01 < 1 - faults[""] / len(sent) < 0.06
    assert len(faults) == 9
    assert sum(call.sort == "unreadable" for call in day) > 3


def test_a_call_with_pictures_is_a_form_and_names_each_of_them() -> None:
    call = Call(0.0, "parts", "key", "ordinary", b"{}", {"picture-1": broken_picture()}, 1)
    kind, body = encoded(call)
    assert kind.startswith("multipart/form-data; boundary=")
    assert body.count(b'; name="picture-1"') == body.count(b'; name="batch"') == 1
    assert encoded(call._replace(pictures={})) == ("application/json", b"{}")


def test_an_answer_that_the_schema_does_not_promise_is_told() -> None:
    told = Told(statuses=Counter({200: 5, 503: 2, 500: 1, 418: 1}))
    assert report.undocumented(told, {200, 500, 503}) == {418: 1, 500: 1}


def test_the_report_counts_and_tells_percentiles() -> None:
    told = Told(sent=Counter(ordinary=2, predictions=3), milliseconds=[10.0, 30.0])
    answer = {"results": [{"status": "refused", "error": {"code": "invalid_answer"}}]}
    told.add(Call(0.0, "parts", "k", "ordinary", b"", {}, 1), 200, answer, 20.0)
    text = "\n".join(report.lines(told))
    assert "Sent 1 calls with 3 predictions" in text
    assert "       1  invalid_answer" in text
    assert "p50 20, p90 30" in text
    assert report.percentile([], 50) == 0.0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "told"), [((), "--local"), (("--key", "parts"), "SLUG=SECRET")]
)
def test_the_command_says_what_it_needs_to_know(arguments, told) -> None:
    with pytest.raises(CommandError, match=told):
        call_command("generate_load", *arguments)


@pytest.mark.django_db
def test_an_instance_that_does_not_answer_is_named() -> None:
    with pytest.raises(CommandError, match="refused"):
        call_command("generate_load", "--key", "parts=x", "--url", "http://127.0.0.1:1")


@pytest.mark.django_db
def test_projects_of_an_earlier_run_are_used_again() -> None:
    first = open_projects(actor=TESTER, now=present())
    second = open_projects(actor=TESTER, now=present())
    assert first.keys() == second.keys() == {"load-parts", "load-boxes", "load-messages"}
    assert Project.objects.count() == 3
    assert first["load-parts"] != second["load-parts"]
