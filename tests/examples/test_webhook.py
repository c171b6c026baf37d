"""The receiver believes what the server signs, and nothing else."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from standardwebhooks import Webhook

from examples.solar_cells.webhook import NotGenuine, Receiver, verify

SECRET = "whsec_" + b64encode(b"thirty-two bytes of a secret key").decode()
OTHER = "whsec_" + b64encode(b"another thirty-two bytes of them").decode()
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BODY = json.dumps({"type": "model.promoted", "data": {"number": 2}}).encode()


def signed(body: bytes = BODY, *, by: str = SECRET, uid: str = "event-1") -> dict[str, str]:
    """Signed by the reference library, not by our own code."""
    return {
        "webhook-id": uid,
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": Webhook(by).sign(uid, NOW, body.decode()),
    }


def check(headers: dict[str, str], body: bytes = BODY, *, late: float = 0) -> dict:
    return verify(SECRET, headers, body, now=NOW.timestamp() + late)


def test_a_genuine_message_is_read() -> None:
    assert check(signed())["type"] == "model.promoted"


def test_while_a_secret_rotates_one_of_two_signatures_is_enough() -> None:
    both = signed(by=OTHER)["webhook-signature"] + " " + signed()["webhook-signature"]
    assert check({**signed(), "webhook-signature": both})["data"] == {"number": 2}


@pytest.mark.parametrize(
    "forged",
    [
        signed(by=OTHER),
        {**signed(), "webhook-id": "event-2"},
        {**signed(), "webhook-timestamp": str(int(NOW.timestamp()) + 1)},
        {**signed(), "webhook-signature": ""},
        {**signed(), "webhook-signature": "v1,ü"},
        {},
    ],
)
def test_what_was_not_signed_so_is_not_believed(forged) -> None:
    with pytest.raises(NotGenuine):
        check(forged)


def test_another_body_is_not_believed() -> None:
    with pytest.raises(NotGenuine):
        check(signed(), BODY + b" ")


@pytest.mark.parametrize(("late", "believed"), [(299, True), (301, False), (-301, False)])
def test_a_recorded_message_does_not_work_tomorrow(late, believed) -> None:
    if believed:
        assert check(signed(), late=late)
    else:
        with pytest.raises(NotGenuine):
            check(signed(), late=late)


@pytest.fixture
def receiver():
    with Receiver(clock=NOW.timestamp) as listening:
        yield listening


def send(to: Receiver, headers: dict[str, str], body: bytes = BODY) -> int:
    try:
        with urlopen(Request(to.url, data=body, headers=headers), timeout=5) as answer:
            return answer.status
    except HTTPError as error:
        with error:
            return error.code


def test_a_message_is_acknowledged_and_waits(receiver) -> None:
    receiver.secret = SECRET
    assert send(receiver, signed()) == 204
    assert receiver.take(wait=5)["type"] == "model.promoted"


def test_a_message_that_is_repeated_counts_once(receiver) -> None:
    receiver.secret = SECRET
    assert [send(receiver, signed()) for _ in range(2)] == [204, 204]
    assert receiver.take(wait=5)
    assert receiver.take() is None


def test_a_forged_message_is_refused_and_does_not_spoil_the_genuine_one(receiver) -> None:
    receiver.secret = SECRET
    assert send(receiver, signed(by=OTHER)) == 401
    assert receiver.take() is None
    assert send(receiver, signed()) == 204


def test_before_it_is_registered_nothing_is_genuine(receiver) -> None:
    assert send(receiver, signed()) == 401
