"""docs/client.md tells the truth: its programs run against a real server, in the order written."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from annotations.domain.labels import LabelSpec
from annotations.models import ApiKey, Item, Prediction
from reviewhub.common.models import OutboxEvent, WebhookEndpoint
from reviewhub.common.webhooks.message import body_of, headers_of
from tests import factories
from tests.conftest import skip_aloud
from tests.factories import image_bytes, present
from tests.faults.workers import environment

OTHERS = [
    ("panels", "object_detection", ("crack", "scratch")),
    ("mails", "text_classification", ("missing_part", "complaint")),
]
HOOK = "http://127.0.0.1:9/hook"


@pytest.fixture
def guide(repository: Path) -> str:
    return (repository / "docs" / "client.md").read_text(encoding="utf-8")


@pytest.fixture
def at_the_line(live_server, tmp_path, monkeypatch, settings) -> None:
    """A client's folder with three photos, its address and its key."""
    settings.REVIEWHUB_WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1:9"]
    settings.REVIEWHUB_SITE_URL = live_server.url
    alias = {**settings.STORAGES["imports"], "OPTIONS": {"location": str(tmp_path / "imports")}}
    settings.STORAGES = {**settings.STORAGES, "imports": alias}
    laid_out = tmp_path / "imports" / "solar-cells" / "night-shift" / "predictions.ndjson"
    laid_out.parent.mkdir(parents=True)
    laid_out.write_text("{}")
    cells = factories.project("solar-cells")
    _, secret = factories.api_key(cells)
    for name, kind, labels in OTHERS:
        other = factories.project(name, kind=kind, labels=[LabelSpec(key, key) for key in labels])
        monkeypatch.setenv(name.upper(), f"{live_server.url}/api/v1/projects/{name}")
        monkeypatch.setenv(f"{name.upper()}_KEY", factories.api_key(other)[1])
    for number in (1, 2, 3):
        (tmp_path / f"cell-{number}.png").write_bytes(image_bytes(number))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("URL", f"{live_server.url}/api/v1/projects/solar-cells")
    monkeypatch.setenv("KEY", secret)
    monkeypatch.setenv("HOOK", HOOK)


def blocks(guide: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)


def test_the_python_of_the_guide_works(guide, at_the_line, capsys) -> None:
    client: dict[str, Any] = {}
    for block in blocks(guide, "python"):
        exec(compile(block, "docs/client.md", "exec"), client)
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "cell-2 created queued",
        "cell-3 created queued",
        "['created', 'created']",
        "PNG 32 24",
        "[]",
        "cell-2 The lens was dirty.",
        "cell-2 The lens was dirty.",
        "404 unknown_prediction",
    ]
    assert Prediction.objects.count() == 4
    assert client["newest"] is None


def test_the_command_of_the_guide_issues_a_key_that_works(guide, at_the_line, repository) -> None:
    (block,) = blocks(guide, "console")
    typed, promised = block.splitlines()
    program, *words = shlex.split(typed.removeprefix("$ "))
    assert program == "python"
    ended = subprocess.run(
        [sys.executable, *words],
        cwd=repository,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    (secret,) = ended.stdout.splitlines()
    prefix = re.compile(r"rh_[0-9a-f]{8}_")
    assert promised == prefix.match(promised)[0] + "…"
    assert prefix.match(secret)
    asked = Request(os.environ["URL"], headers={"Authorization": f"Bearer {secret}"})
    with urlopen(asked, timeout=30) as answer:
        assert json.load(answer)["slug"] == "solar-cells"
    verbs = dict(re.findall(r"--(verbs) (\S+)", typed))["verbs"].split(",")
    assert set(ApiKey.objects.get(name="line 4").verbs) == set(verbs)


def test_the_curl_of_the_guide_works(guide, at_the_line) -> None:
    if not shutil.which("curl"):
        skip_aloud("curl; `apt-get install curl`")
    answers = []
    for block in blocks(guide, "bash"):
        ended = subprocess.run(["bash", "-eu", "-c", block], capture_output=True, check=False)
        assert ended.returncode == 0, ended.stderr.decode() + ended.stdout.decode()
        answers.append(json.loads(ended.stdout))
    schema, project, prediction, boxes, text, *known, job, listed, simulation, webhook = answers
    known_boxes, known_texts, panel = known
    for imported in (known_boxes, known_texts):
        assert [each["status"] for each in imported["results"]] == ["created", "created"]
    assert panel["items"][0]["boxes"] == [
        {"label": "crack", "x": 2.5, "y": 4, "width": 19, "height": 7.5}
    ]
    assert [job["state"], simulation["state"]] == ["queued", "queued"]
    assert schema["openapi"] == "3.1.0"
    assert project["slug"] == "solar-cells"
    assert (prediction["status"], prediction["outcome"]) == ("created", "queued")
    assert [boxes["status"], text["status"]] == ["created", "created"]
    assert [row["prediction"] for row in listed["predictions"]] == [prediction["prediction"]]
    assert Item.objects.get(external_id="cell-1").source_group == "module-7"
    assert webhook["secret"].startswith("whsec_")


def test_the_signature_check_of_the_guide_knows_our_signature(guide) -> None:
    client: dict[str, Any] = {}
    exec(blocks(guide, "python")[-1], client)
    is_ours = client["is_ours"]
    now = present()
    event = OutboxEvent(project_id=1, type="model.promoted", data={"n": 1}, created_at=now)
    secret = WebhookEndpoint(secret="whsec_" + "c2VjcmV0" * 4).secret
    body = body_of(event)
    headers = headers_of(event, body, signed_with=[secret], now=now)
    assert is_ours(headers, body, secret)
    assert not is_ours(headers, body + b" ", secret)
    assert not is_ours(headers, body, "whsec_" + "b3RoZXI=" * 4)
    assert not is_ours(headers, body, secret, now=now.timestamp() + 301)


def test_the_json_of_the_guide_is_json(guide) -> None:
    for block in blocks(guide, "json"):
        assert json.loads(block)
