"""What an operator types: each command calls the action that the doors call."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from annotations.access import authenticate_key
from annotations.errors import KeyExpired
from annotations.models import Membership, Project, Role, User, Verb
from tests import factories
from tests.factories import PASSWORD, log_in, present

pytestmark = pytest.mark.django_db
CELLS = {
    "slug": "solar-cells",
    "name": "Solar cells",
    "labels": [
        {"key": "good", "name": "Good"},
        {"key": "defect", "name": "Defect", "is_positive": True, "cost_of_miss": 5},
    ],
    "routing": {"low_confidence": 0.7, "disagreement": True, "audit_rate": 0.2},
    "review": {"grace_seconds": 0, "grid_labels": ["good"], "grid_seconds": 8},
}


def manage(command: str, *arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(command, *arguments, stdout=out, stderr=err)
    return out.getvalue().strip(), err.getvalue()


@pytest.fixture
def write(tmp_path):
    def written(document) -> str:
        path = tmp_path / "project.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return str(path)

    return written


def test_a_project_comes_from_a_file_and_its_slug_is_told(write) -> None:
    assert manage("create_project", write(CELLS))[0] == "solar-cells"
    project = Project.objects.get()
    assert project.routing_policies.get().rules == CELLS["routing"]
    review = project.review_policies.get()
    assert (review.grace_seconds, review.grid_labels, review.grid_seconds) == (0, ["good"], 8)
    assert project.taxonomies.get().labels.get(key="defect").cost_of_miss == 5


def test_only_the_secret_of_the_first_key_goes_to_standard_output(write) -> None:
    out, err = manage("create_project", write(CELLS), "--issue-key", "predict,models")
    key = authenticate_key(f"Bearer {out}", present())
    assert key.verbs == ["models", "predict"]
    assert key.project.slug == "solar-cells"
    assert out not in err


def test_a_project_comes_from_standard_input_too(monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(json.dumps(CELLS)))
    assert manage("create_project", "-")[0] == "solar-cells"


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("{", "project.json"),
        ({**CELLS, "surprise": 1}, "surprise"),
        ({**CELLS, "labels": [{"key": "a", "nmae": "A"}]}, "nmae"),
        ({**CELLS, "labels": CELLS["labels"][:1]}, "labels"),
        ({**CELLS, "review": {"answers_wanted": "two"}}, "answers_wanted"),
        ({**CELLS, "review": {"answers_wanted": 0}}, "answers_wanted"),
        ({**CELLS, "review": {"grid_labels": ["scratch"]}}, "scratch"),
        ({**CELLS, "routing": {}}, "audit_rate"),
        ({**CELLS, "slug": "Solar Cells"}, "slug"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_and_nothing_is_made(write, document, told) -> None:
    with pytest.raises(CommandError) as refused:
        manage("create_project", write(document))
    assert told in str(refused.value)
    assert not Project.objects.exists()


def test_a_project_is_not_made_when_its_key_cannot_be(write) -> None:
    with pytest.raises(CommandError, match="verbs"):
        manage("create_project", write(CELLS), "--issue-key", "fly")
    assert not Project.objects.exists()


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(CommandError, match="nowhere"):
        manage("create_project", "nowhere.json")


def test_a_person_joins_a_project(monkeypatch, client) -> None:
    cells = factories.project()
    monkeypatch.setenv("REVIEWHUB_USER_PASSWORD", PASSWORD)
    assert manage("create_user", "lena", "--project", cells.slug, "--role", "lead")[0] == "lena"
    assert Membership.objects.get(project=cells).role == Role.LEAD
    assert log_in(client, "lena")


def test_a_password_comes_from_standard_input_too(monkeypatch, client) -> None:
    monkeypatch.delenv("REVIEWHUB_USER_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin", StringIO(f"{PASSWORD}\n"))
    manage("create_user", "oscar", "--operator")
    assert log_in(client, "oscar")
    assert User.objects.get().is_superuser


def test_nobody_is_made_for_a_project_that_is_not_there(monkeypatch) -> None:
    monkeypatch.setenv("REVIEWHUB_USER_PASSWORD", PASSWORD)
    with pytest.raises(CommandError, match="nowhere"):
        manage("create_user", "lena", "--project", "nowhere")
    monkeypatch.setenv("REVIEWHUB_USER_PASSWORD", "short")
    with pytest.raises(CommandError, match="password"):
        manage("create_user", "lena")
    assert not User.objects.exists()


def test_a_key_is_issued_for_a_project() -> None:
    cells = factories.project()
    out, _ = manage("issue_key", cells.slug, "--name", "line 4", "--verbs", "models, predict")
    key = authenticate_key(f"Bearer {out}", present())
    assert (key.project, key.name, key.verbs) == (cells, "line 4", [Verb.MODELS, Verb.PREDICT])
    with pytest.raises(CommandError, match="nowhere"):
        manage("issue_key", "nowhere", "--name", "x", "--verbs", "predict")


def test_a_key_is_replaced_and_the_old_one_ends_later() -> None:
    cells = factories.project()
    old, secret = factories.api_key(cells, "predict")
    out, _ = manage("rotate_key", old.prefix, "--overlap-hours", "1")
    assert authenticate_key(f"Bearer {out}", present()).verbs == ["predict"]
    assert authenticate_key(f"Bearer {secret}", present()) == old
    with pytest.raises(KeyExpired):
        authenticate_key(f"Bearer {secret}", present() + timedelta(hours=2))


def test_a_key_is_ended_at_once() -> None:
    old, secret = factories.api_key(factories.project(), "predict")
    assert manage("revoke_key", old.prefix)[0] == old.prefix
    with pytest.raises(KeyExpired):
        authenticate_key(f"Bearer {secret}", present())
    with pytest.raises(CommandError, match="No such API key"):
        manage("revoke_key", "00000000")


def test_a_label_set_is_revised_from_a_file(write) -> None:
    cells = factories.project()
    labels = [{"key": "good", "name": "Good"}, {"key": "crack", "name": "Crack"}]
    document = {"labels": labels, "mapping": {"defect": "crack"}}
    assert manage("revise_taxonomy", cells.slug, write(document))[0] == "2"
    assert [label.key for label in cells.taxonomies.get(number=2).labels.all()] == ["good", "crack"]
    with pytest.raises(CommandError, match="mapping"):
        manage("revise_taxonomy", cells.slug, write({**document, "mapping": {"dust": "crack"}}))
