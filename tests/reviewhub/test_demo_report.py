from __future__ import annotations

import json
from pathlib import Path

import pytest

from annotations.models import User

pytestmark = pytest.mark.django_db
REPORT = {
    "accuracy_before": 0.41,
    "accuracy_after": 0.834,
    "source_before": 0.85,
    "source_after": 0.84,
    "confidently_wrong_before": 0.5,
    "reviews": 187,
    "corrections": 96,
    "seconds": 140.2,
    "notice": "Demonstration data, non-commercial.",
    "gate": {
        "verdict": {"tone": "positive", "word": "promote"},
        "at": "2026-01-01T12:30:00Z",
        "champion": "Model 1",
        "challenger": "Model 2",
        "reasons": ["Better on what is new."],
        "tests": [],
    },
    "story": [{"title": "The line switched", "at": "2026-01-01T12:00:00+00:00"}],
}


@pytest.fixture
def reader(client):
    client.force_login(User.objects.create_user("ada"))
    return client


@pytest.fixture
def report(settings, tmp_path: Path) -> Path:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(REPORT))
    settings.REVIEWHUB_DEMO_REPORT = str(path)
    return path


def test_shows_the_figures_of_the_report(reader, report) -> None:
    page = reader.get("/demo/report").content.decode()
    for told in (
        "41.0%",
        "83.4%",
        "187",
        "non-commercial",
        "The line switched",
        "repaired",
        "Model 2",
        "12:30",
    ):
        assert told in page


def test_says_so_when_the_loop_did_not_close(reader, report) -> None:
    report.write_text(json.dumps({**REPORT, "closed": False}))
    assert b"did not close" in reader.get("/demo/report").content


def test_a_report_that_is_not_there_is_not_found(reader, report, settings) -> None:
    report.write_text("half a rep")
    assert reader.get("/demo/report").status_code == 404
    settings.REVIEWHUB_DEMO_REPORT = ""
    assert reader.get("/demo/report").status_code == 404


def test_a_stranger_logs_in_first(client, report) -> None:
    assert client.get("/demo/report").url.startswith("/login")
