"""Take the pictures of the documentation from the running product, into docs/pictures/.

    .venv/bin/python scripts/take_pictures.py

Starts an instance of its own with cells drawn by this script (the photos of the demonstration are
not ours to publish), and needs Chromium and the development requirements.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import urllib.request
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from reviewhub.services import Services  # noqa: E402  (after the path is set)

PICTURES = ROOT / "docs" / "pictures"
PASSWORD = "a quiet harbour 7"  # noqa: S105  (of an instance that lives for a minute)
PROJECT = {
    "slug": "cells",
    "name": "Cells, line 3",
    "guidelines": "Judge the cell, not the picture of it.",
    "labels": [
        {"key": "ok", "name": "OK", "guideline": "Even grain, no dark line across a busbar."},
        {
            "key": "defect",
            "name": "Defect",
            "is_positive": True,
            "cost_of_miss": 5,
            "guideline": "A crack, a dead area or a broken finger.",
        },
    ],
    "routing": {"low_confidence": 0.8, "disagreement": True, "audit_rate": 0.001},
    "review": {"blind_share": 0.0, "grace_seconds": 600},
}


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Services(Path(folder)) as services:
        key = _prepare(services)
        _submit(services.base_url, key)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            page = browser.new_page(viewport={"width": 1280, "height": 760})
            _log_in(page, services.base_url)
            _answer_some(page, f"{services.base_url}/p/cells/review")
            _take(page, f"{services.base_url}/p/cells/review", "review")
            _take(page, f"{services.base_url}/p/cells/", "overview")
            browser.close()


def _prepare(services: Services) -> str:
    """An operator's first steps; returns the secret of a client key."""
    key = services.manage(
        "create_project", "-", "--issue-key", "predict", typed=json.dumps(PROJECT)
    )
    services.manage("create_user", "lena", "--project", "cells", "--role", "lead", typed=PASSWORD)
    return key.strip()


def _submit(base_url: str, key: str, cells: int = 24) -> None:
    """Predictions of a made-up model about drawn cells, as any client sends them."""
    api = f"{base_url}/api/v1/projects/cells"
    chance = np.random.default_rng(3)
    for number in range(cells):
        boundary = "drawn-cell"
        confidence = round(float(chance.uniform(0.5, 0.99)), 3)
        prediction = {
            "external_id": f"cell-{number:04d}",
            "image": {"part": "image"},
            "predictor": {"name": "line-camera", "version": "1"},
            "probabilities": {"defect": confidence, "ok": round(1 - confidence, 3)},
        }
        body = _multipart(boundary, json.dumps(prediction).encode(), draw_cell(number))
        request = urllib.request.Request(  # noqa: S310  (our own server on loopback)
            f"{api}/predictions",
            data=body,
            headers={
                "Authorization": f"Bearer {key}",
                "Content-Type": f"multipart/form-data; boundary={boundary}",
            },
        )
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310


def draw_cell(seed: int) -> bytes:
    """A picture like electroluminescence: grain, busbars, and on some a dark crack."""
    chance = np.random.default_rng(seed)
    side = 600
    grain = Image.fromarray(chance.normal(150, 18, (14, 14)).clip(60, 215).astype(np.uint8))
    base = np.asarray(grain.resize((side, side), Image.Resampling.BICUBIC), dtype=np.float64)
    base += chance.normal(0, 6, (side, side))
    for bar in (0.25, 0.5, 0.75):
        row = int(side * bar)
        base[row - 5 : row + 5] *= 0.45
    if seed % 3 == 1:
        start = chance.uniform(0.2, 0.8, 2) * side
        steps = chance.normal(0, 1, (260, 2)).cumsum(axis=0) * 0.5 + np.arange(260)[:, None] * 0.7
        for x, y in (start + steps).clip(2, side - 3).astype(int):
            base[y - 2 : y + 2, x - 2 : x + 2] *= 0.35
    picture = Image.fromarray(base.clip(0, 255).astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(1.2)
    )
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def _multipart(boundary: str, prediction: bytes, image: bytes) -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="prediction"\r\n\r\n'
    middle = (
        f"\r\n--{boundary}\r\nContent-Disposition: form-data; "
        'name="image"; filename="cell.png"\r\nContent-Type: image/png\r\n\r\n'
    )
    return head.encode() + prediction + middle.encode() + image + f"\r\n--{boundary}--\r\n".encode()


def _log_in(page: Page, base_url: str) -> None:
    page.goto(f"{base_url}/login")
    page.fill("[name=username]", "lena")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{base_url}/")


def _answer_some(page: Page, url: str) -> None:
    """A bench on which somebody has worked: confirmed, corrected, skipped."""
    page.goto(url, wait_until="networkidle")
    for keys in ("Enter", "1", "Enter", "2", "s 1", "Enter"):
        for key in keys.split():
            page.wait_for_selector("#workbench:not([aria-busy])")
            page.wait_for_timeout(400)
            page.keyboard.press(key)
    page.wait_for_timeout(500)


def _take(page: Page, url: str, name: str) -> None:
    page.goto(url, wait_until="networkidle")
    page.screenshot(path=str(PICTURES / f"{name}.png"))
    print(f"docs/pictures/{name}.png")


if __name__ == "__main__":
    main()
