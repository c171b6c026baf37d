"""Take the pictures; needs Chromium and the development requirements."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from reviewhub.services import Services
from scripts.pictures import states, world
from scripts.pictures.states import STATES, State

ROOT = Path(__file__).resolve().parents[2]
ALL, GUIDE = ROOT / "var" / "pictures", ROOT / "docs" / "pictures" / "reviewer"
THEMES, WIDTHS = ("light", "dark"), (1280, 768, 320)
HEIGHT = 760


def main() -> None:
    options = _parse()
    with tempfile.TemporaryDirectory() as folder:
        environ = {"REVIEWHUB_PSEUDO_LOCALE": "true"}
        with Services(Path(folder), port=18_700, environ=environ) as services:
            world.make(services)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=shutil.which("chromium"), args=["--no-sandbox"]
                )
                camera = Camera(browser, services.base_url, options.language)
                states.read(camera)
                world.revise(services)
                states.work(camera)
                _take(camera, options)
                browser.close()


class Camera:
    """Takes a state as a person sees it, each time in a browser of their own."""

    def __init__(self, browser: Browser, base_url: str, language: str) -> None:
        self.browser = browser
        self.base_url = base_url
        self.language = language
        self._sessions: dict[str, StorageState] = {}

    def take(self, state: State, theme: str, width: int) -> bytes:
        with self._page(state.person, theme, width) as page:
            page.goto(self.base_url + state.path, wait_until="networkidle")
            if state.prepare:
                state.prepare(page, self)
            return page.screenshot()

    @contextmanager
    def as_person(self, name: str) -> Iterator[Page]:
        with self._page(name, "light", 1280) as page:
            yield page

    @contextmanager
    def _page(self, person: str, theme: str, width: int) -> Iterator[Page]:
        context = self.browser.new_context(
            viewport={"width": width, "height": HEIGHT},
            color_scheme="dark" if theme == "dark" else "light",
            locale=self.language,
            base_url=self.base_url,
            storage_state=self._session(person),
            reduced_motion="reduce",
        )
        try:
            yield context.new_page()
        finally:
            context.close()

    def _session(self, person: str) -> StorageState | None:
        """The cookies of somebody who has logged in by the form, once for all pictures."""
        if person and person not in self._sessions:
            context = self.browser.new_context(locale=self.language)
            page = context.new_page()
            page.goto(f"{self.base_url}/login")
            page.fill("[name=username]", person)
            page.fill("[name=password]", world.PASSWORD)
            page.press("[name=password]", "Enter")
            page.wait_for_url(f"{self.base_url}/")
            _read_guideline(page, person)
            self._sessions[person] = context.storage_state()
            context.close()
        return self._sessions.get(person)


def _read_guideline(page: Page, person: str) -> None:
    slug, role = world.PEOPLE[person]
    if role == "reviewer" and person not in world.UNREAD:
        page.goto(page.url + f"p/{slug}/review")
        read = page.locator("form[action$='guideline/read'] button")
        if read.count():
            read.click()
            page.wait_for_load_state("networkidle")


def _take(camera: Camera, options: argparse.Namespace) -> None:
    asked = [state for state in STATES if not options.only or state.name in options.only]
    if options.guide:
        for state in asked:
            if state.guide:
                path = GUIDE / options.language / f"{state.guide}.webp"
                _small(camera.take(state, "light", 1280), path)
        return
    for state in asked:
        for theme in THEMES:
            for width in WIDTHS:
                path = ALL / options.language / f"{state.name}-{theme}-{width}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(camera.take(state, theme, width))
        print(f"{state.name:<20} {len(THEMES) * len(WIDTHS)} pictures", flush=True)


def _small(picture: bytes, path: Path) -> None:
    """For the documentation: few bytes, and text that can still be read."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, "WEBP", quality=72, method=6)
    print(f"{path.relative_to(ROOT)} {path.stat().st_size / 1024:.0f} kB")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guide", action="store_true", help="only those of docs/, as WebP")
    parser.add_argument("--only", nargs="*", default=[], help="names of states")
    parser.add_argument("--language", default="en", help="en, de, es, or ar-XB: right to left")
    return parser.parse_args()


if __name__ == "__main__":
    main()
