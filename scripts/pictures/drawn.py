"""Content to judge, drawn from a seed: the photos of the demonstration are not ours to publish."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Box = dict[str, float | str]
INK = "#222831"


@dataclass(frozen=True)
class Board:
    """A picture, and where a model sees something in it."""

    picture: bytes
    boxes: tuple[Box, ...]


def is_cracked(seed: int) -> bool:
    """Whether the cell of that seed is drawn with a crack."""
    return seed % 3 == 1


def cell(seed: int) -> bytes:
    """A picture like electroluminescence: grain, busbars, and on some a dark crack."""
    chance = np.random.default_rng(seed)
    side = 600
    grain = Image.fromarray(chance.normal(150, 18, (14, 14)).clip(60, 215).astype(np.uint8))
    base = np.asarray(grain.resize((side, side), Image.Resampling.BICUBIC), dtype=np.float64)
    base += chance.normal(0, 6, (side, side))
    for bar in (0.25, 0.5, 0.75):
        row = int(side * bar)
        base[row - 5 : row + 5] *= 0.45
    if is_cracked(seed):
        start = chance.uniform(0.2, 0.8, 2) * side
        steps = chance.normal(0, 1, (260, 2)).cumsum(axis=0) * 0.5 + np.arange(260)[:, None] * 0.7
        for x, y in (start + steps).clip(2, side - 3).astype(int):
            base[y - 2 : y + 2, x - 2 : x + 2] *= 0.35
    picture = Image.fromarray(base.clip(0, 255).astype(np.uint8))
    return _png(picture.filter(ImageFilter.GaussianBlur(1.2)))


def board(seed: int) -> Board:
    """A metal plate with screws, one of them missing, and a scratch."""
    chance = np.random.default_rng(seed)
    width, height = 900, 600
    tone = chance.normal(172, 5, (height, width, 1)).clip(0, 255).astype(np.uint8)
    picture = Image.fromarray(np.repeat(tone, 3, axis=2))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((30, 30, width - 30, height - 30), 28, outline="#6d7681", width=6)
    boxes: list[Box] = []
    holes = [(x, y) for y in (110, height - 110) for x in range(130, width - 100, 210)]
    missing = int(chance.integers(len(holes)))
    for number, (x, y) in enumerate(holes):
        _screw(pen, x, y, there=number != missing)
        if number == missing:
            boxes.append(
                {**_place(x - 42, y - 42, 84, 84), "label": "missing_screw", "score": 0.81}
            )
    left, top = (int(value) for value in chance.integers((200, 220), (420, 330)))
    pen.line((left, top, left + 190, top + 64), fill="#58606b", width=3)
    boxes.append({**_place(left - 8, top - 8, 206, 80), "label": "scratch", "score": 0.58})
    return Board(_png(picture.filter(ImageFilter.GaussianBlur(0.6))), tuple(boxes))


def letter(seed: int) -> bytes:
    """A scanned page: an order, a little askew, on paper that is not quite white."""
    chance = np.random.default_rng(seed)
    page = Image.new("L", (1240, 1754), 249)
    pen = ImageDraw.Draw(page)
    big, small = ImageFont.load_default(44), ImageFont.load_default(26)
    pen.text((130, 130), "Order", font=big, fill=40)
    pen.text((130, 210), f"Number {4000 + seed}    12 March 2026", font=small, fill=60)
    for row in range(9):
        y = 340 + row * 74
        pen.line((130, y + 50, 1110, y + 50), fill=190, width=2)
        amount, part = int(chance.integers(1, 40)), int(chance.integers(1000, 9999))
        pen.text((130, y), f"{amount} x part {part}", font=small, fill=60)
        pen.text((930, y), f"{amount * 3.2:8.2f}", font=small, fill=60)
    pen.text((130, 1120), "Please deliver to gate 3 before noon.", font=small, fill=60)
    askew = float(chance.uniform(-1.2, 1.2))
    turned = page.rotate(askew, fillcolor=249, resample=Image.Resampling.BICUBIC)
    return _png(turned.filter(ImageFilter.GaussianBlur(0.7)))


MAILS = (
    (
        "missing_part",
        "Good morning, the parcel came today, but the screws for the left side are missing. "
        "Without them I cannot put the shelf up. Could you send them by Friday?",
    ),
    (
        "late",
        "I ordered on the second of March and was told three days. It is the twelfth now, and the "
        "tracking page has not moved since last week.",
    ),
    (
        "thanks",
        "Just to say thank you: your colleague on the telephone was quick, friendly, and the new "
        "handle fits.",
    ),
)


def _screw(pen: ImageDraw.ImageDraw, x: int, y: int, *, there: bool) -> None:
    pen.ellipse((x - 34, y - 34, x + 34, y + 34), outline="#6d7681", width=3)
    if there:
        pen.ellipse((x - 26, y - 26, x + 26, y + 26), fill="#99a2ad", outline="#4d5660", width=3)
        pen.line((x - 16, y - 8, x + 16, y + 8), fill="#4d5660", width=6)
    else:
        pen.ellipse((x - 20, y - 20, x + 20, y + 20), fill=INK)


def _place(x: float, y: float, width: float, height: float) -> Box:
    return {"x": x, "y": y, "width": width, "height": height}


def _png(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
