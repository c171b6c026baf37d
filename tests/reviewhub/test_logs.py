from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from annotations.models import User

CODE = """
import logging, django; django.setup()
import structlog
structlog.contextvars.bind_contextvars(request_id="from-outside-1")
structlog.get_logger("ours").info("said", answer=42)
logging.getLogger("theirs").warning("told %s", "plainly")
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger("ours").exception("broke")
"""


def test_every_line_is_json_with_its_request_id(repository: Path) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "reviewhub.settings.test",
        "REVIEWHUB_LOG_JSON": "true",
    }
    ended = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=repository,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    said, told, broke = map(json.loads, ended.stderr.strip().splitlines())
    assert (said["event"], said["answer"], said["level"]) == ("said", 42, "info")
    assert (told["event"], told["logger"]) == ("told plainly", "theirs")
    assert broke["exception"][0]["exc_type"] == "ZeroDivisionError"
    assert {line["request_id"] for line in (said, told, broke)} == {"from-outside-1"}
    assert said["timestamp"].endswith("Z")


@pytest.mark.django_db
def test_a_request_is_one_line_with_who_and_how_it_ended(client, caplog) -> None:
    user = User.objects.create_user("ada")
    client.force_login(user)
    client.get("/livez", headers={"X-Request-ID": "proxy-12345"})
    (line,) = [r.msg for r in caplog.records if r.name.startswith("django_structlog")]
    assert line["event"] == "request_finished"
    assert (line["request_id"], line["code"], line["user_id"]) == ("proxy-12345", 200, user.pk)
