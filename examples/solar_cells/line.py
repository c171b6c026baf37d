"""An inspection line, and an example of a client: fetch the champion, predict, submit, switch.

    python -m examples.solar_cells.line --site http://127.0.0.1:8000 --project solar-cells \\
        --key rh_... photos/*.png

Only HTTP, ONNX Runtime, NumPy and Pillow; nothing of the server's code.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from examples.solar_cells.client import Api
from examples.solar_cells.model import Model
from examples.solar_cells.webhook import Message, Receiver

BATCH = 50
SWITCHES = ("model.promoted", "model.rolled_back")


@dataclass(frozen=True)
class Photo:
    """What comes under the camera; `metadata` is kept with the item."""

    external_id: str
    path: Path
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Inspected:
    """What the model said of one photo, and what the server made of it."""

    external_id: str
    label: str
    confidence: float
    model: str
    outcome: str
    reasons: tuple[str, ...]


class Line:
    """Judges photos with the champion, and follows it when the server promotes another."""

    def __init__(self, api: Api, *, receiver: Receiver | None = None) -> None:
        self.switches: list[Message] = []
        self._api = api
        self._receiver = receiver
        self._model: Model | None = None
        self._etag = ""

    @property
    def model(self) -> Model:
        """The one in use; fetched at first. Raises client.Refused while there is no champion."""
        return self._model or self.fetch()

    def subscribe(self) -> None:
        """Ask the server to tell the receiver of every change of champion."""
        if self._receiver is not None:
            wanted = {"url": self._receiver.url, "events": list(SWITCHES)}
            self._receiver.secret = self._api.post("/webhooks", wanted).json()["secret"]

    def fetch(self) -> Model:
        """The champion's file, unless it is the one we have; its ETag is its SHA-256."""
        answer = self._api.get("/champion/model.onnx", etag=self._etag)
        if answer.status != 304 or self._model is None:
            etag = answer.headers["etag"]
            self._model = Model(answer.body, checksum=etag.strip('"'))
            self._etag = etag
        return self._model

    def follow(self, *, wait: float = 0.0) -> bool:
        """Switch if a webhook says so, waiting up to `wait` seconds for one; whether it did."""
        message = self._receiver.take(wait=wait) if self._receiver else None
        if message is None or message["type"] not in SWITCHES:
            return False
        before = self._model
        self.switches.append(message)
        return self.fetch() is not before

    def inspect(self, photos: Iterable[Photo]) -> Iterator[Inspected]:
        """Batch after batch, each with the model that is champion by then."""
        left = iter(photos)
        while batch := list(islice(left, BATCH)):
            self.follow()
            yield from self._submit(self.model, batch)

    def _submit(self, model: Model, batch: list[Photo]) -> Iterator[Inspected]:
        answers = list(model.predict(photo.path for photo in batch))
        parts = [f"photo{number}" for number in range(len(batch))]
        items = zip(batch, parts, answers, strict=True)
        document = {"predictions": [_prediction(model, *item) for item in items]}
        files = {part: photo.path.read_bytes() for part, photo in zip(parts, batch, strict=True)}
        told = self._api.post_parts("/predictions:batch", "batch", document, files).json()
        for answer, result in zip(answers, told["results"], strict=True):
            yield _inspected(model, answer, result)


def _prediction(model: Model, photo: Photo, part: str, answer: dict[str, float]) -> dict[str, Any]:
    return {
        "external_id": photo.external_id,
        "image": {"part": part},
        "predictor": {"name": model.name, "version": model.version},
        "taxonomy": model.taxonomy,
        "probabilities": answer,
        "metadata": dict(photo.metadata),
    }


def _inspected(model: Model, answer: dict[str, float], result: dict[str, Any]) -> Inspected:
    label = max(answer, key=lambda name: answer[name])
    refused = result["status"] == "refused"
    return Inspected(
        external_id=result["external_id"],
        label=label,
        confidence=answer[label],
        model=model.version,
        outcome=f"refused: {result['error']['title']}" if refused else result["outcome"],
        reasons=() if refused else tuple(reason["name"] for reason in result["reasons"]),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Inspect photos with a project's champion.")
    parser.add_argument("--site", default="http://127.0.0.1:8000")
    parser.add_argument("--project", required=True)
    parser.add_argument("--key", required=True, help="with the verbs predict and models")
    parser.add_argument("--webhook", action="store_true", help="be told of a new champion")
    parser.add_argument("photos", nargs="+", type=Path)
    options = parser.parse_args()
    with ExitStack() as stack:
        receiver = stack.enter_context(Receiver()) if options.webhook else None
        line = Line(Api(options.site, options.project, options.key), receiver=receiver)
        line.subscribe()
        for one in line.inspect(Photo(path.stem, path) for path in options.photos):
            print(f"{one.external_id}: {one.label} {one.confidence:.3f}, {one.outcome}")


if __name__ == "__main__":
    main()
