"""What a client says of one item, in each kind of work, rightly and wrongly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from random import Random
from typing import Any

from PIL import Image

Json = dict[str, Any]

PREDICTORS = (("line-camera", "1"), ("line-camera", "2"), ("second-opinion", "2026-03"))
BAD, AGAIN = 0.03, 0.12
PICTURES, SIDE = 40, (96, 64)
WORDS = (
    "parcel order refund broken late thanks please colour size again never answer telephone",
    "invoice address wrong arrived returned quick help friendly money back waiting weeks",
)


class Teller:
    """Makes up the predictions of one project; each is a JSON document of the API.

    `source_group` marks the bad ones: what is wrong with them stands there, for whoever looks.
    """

    def __init__(self, kind: str, labels: Sequence[str], dice: Random) -> None:
        self.kind = kind
        self.labels = labels
        self.dice = dice
        self.made = 0
        self.tag = f"{dice.getrandbits(32):08x}"
        self._words = " ".join(WORDS).split()
        self._album = {} if kind == "text_classification" else _album(dice)

    def prediction(self, earlier: Sequence[Json]) -> Json:
        """Of a new item mostly; now and then another predictor's of one that is there."""
        if earlier and self.dice.random() < AGAIN:
            return {**self.dice.choice(earlier), **self._answer(), **self._predictor(1)}
        self.made += 1
        item = {
            "external_id": f"load-{self.tag}-{self.made:07}",
            "captured_at": "2026-03-02T06:00:00Z",
            "slices": {"site": self.dice.choice(("graz", "linz")), "line": self.made % 4},
            **self._content(),
            **self._answer(),
            **self._predictor(0),
        }
        return self._spoilt(item) if self.dice.random() < BAD else item

    def _spoilt(self, item: Json) -> Json:
        return self.dice.choice(FAULTS)(item, self.kind, self.labels[0])

    def is_bad(self, sent: Json) -> bool:
        return bool(sent.get("source_group", "").startswith("bad:"))

    def pictures(self, sent: Sequence[Json]) -> Mapping[str, bytes]:
        names = {each["image"]["part"] for each in sent if "image" in each}
        return {name: self._album.get(name, broken_picture()) for name in sorted(names)}

    def _predictor(self, least: int) -> Json:
        name, version = self.dice.choice(PREDICTORS[least:]) if least else PREDICTORS[0]
        return {"predictor": {"name": name, "version": version}}

    def _content(self) -> Json:
        if self.kind == "text_classification":
            return {"text": " ".join(self.dice.choices(self._words, k=self.dice.randint(4, 60)))}
        return {"image": {"part": self.dice.choice(sorted(self._album))}}

    def _answer(self) -> Json:
        return {
            "image_classification": self._probabilities,
            "text_classification": self._of_text,
            "object_detection": self._boxes,
        }[self.kind]()

    def _probabilities(self) -> Json:
        """Sure mostly, torn sometimes; of all labels, or of the most probable alone."""
        sure = round(1 - (1 - 1 / len(self.labels)) * self.dice.betavariate(0.6, 3), 4)
        best = self.dice.choice(self.labels)
        if self.dice.random() < 0.2:
            return {"probabilities": {best: sure}}
        others = [label for label in self.labels if label != best]
        rest = (1 - sure) / len(others)
        return {"probabilities": {best: sure, **dict.fromkeys(others, rest)}}

    def _of_text(self) -> Json:
        """A classifier, a language model asked five times, or one that reports about itself."""
        way = self.dice.random()
        if way < 0.5:
            return self._probabilities()
        best = self.dice.choice(self.labels)
        if way < 0.8:
            samples = [best if self.dice.random() < 0.9 else self.labels[0] for _ in range(5)]
            return {"samples": samples, "prompt_version": "triage-7"}
        return {"label": best, "confidence": round(self.dice.uniform(0.5, 1.0), 2)}

    def _boxes(self) -> Json:
        return {"boxes": [self._box() for _ in range(self.dice.choice((0, 0, 1, 1, 2, 5)))]}

    def _box(self) -> Json:
        width, height = self.dice.randint(4, 40), self.dice.randint(4, 30)
        return {
            "label": self.dice.choice(self.labels),
            "score": round(self.dice.uniform(0.3, 1.0), 4),
            "x": self.dice.randint(0, SIDE[0] - width),
            "y": self.dice.randint(0, SIDE[1] - height),
            "width": width,
            "height": height,
        }


def broken_picture() -> bytes:
    """What is left of an upload that was cut off."""
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00"


def _album(dice: Random) -> dict[str, bytes]:
    return {f"picture-{number}": _picture(dice) for number in range(PICTURES)}


def _picture(dice: Random) -> bytes:
    buffer = BytesIO()
    noise = Image.frombytes("RGB", SIDE, dice.randbytes(SIDE[0] * SIDE[1] * 3))
    noise.save(buffer, "PNG")
    return buffer.getvalue()


def _wrong(item: Json, fault: str, **fields: Any) -> Json:
    return {**item, **fields, "source_group": f"bad: {fault}"}


def _told(item: Json, kind: str, label: str, chance: Any) -> Json:
    """The item with one answer in the form that its kind takes; `chance` may be anything."""
    for field in ("probabilities", "samples", "prompt_version", "label", "confidence", "boxes"):
        item = {name: value for name, value in item.items() if name != field}
    if kind == "object_detection":
        box = {"label": label, "score": chance, "x": 1, "y": 1, "width": 4, "height": 4}
        return {**item, "boxes": [box]}
    return {**item, "probabilities": {label: chance}}


def _unknown_label(item: Json, kind: str, label: str) -> Json:
    return _wrong(_told(item, kind, "of-another-world", 0.9), "unknown label")


def _not_a_number(item: Json, kind: str, label: str) -> Json:
    return _wrong(_told(item, kind, label, "NaN"), "a word for a number")


def _beyond_one(item: Json, kind: str, label: str) -> Json:
    return _wrong(_told(item, kind, label, 1.7), "more than certain")


def _negative(item: Json, kind: str, label: str) -> Json:
    return _wrong(_told(item, kind, label, -0.2), "less than nothing")


def _without_content(item: Json, kind: str, label: str) -> Json:
    bare = {name: value for name, value in item.items() if name not in ("image", "text")}
    return _wrong(bare, "a new item without content")


def _broken_content(item: Json, kind: str, label: str) -> Json:
    if kind == "text_classification":
        return _wrong(item, "a text too long", text="too long " * 9_000)
    return _wrong(item, "a broken image", image={"part": "broken"})


def _unknown_field(item: Json, kind: str, label: str) -> Json:
    return _wrong(item, "a field nobody knows", colour="green")


FAULTS: Sequence[Callable[[Json, str, str], Json]] = (
    _unknown_label,
    _not_a_number,
    _beyond_one,
    _negative,
    _without_content,
    _broken_content,
    _unknown_field,
)
