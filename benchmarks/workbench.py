"""How long a reviewer waits: from the key to the next picture, and for the first one.

Chromium on this machine works through a queue of photos of three megapixels, by keyboard, against
the site as it runs in production. A picture counts as painted in the frame after the one in which
it was decoded and on the screen; the first one when the browser says that it is on the screen (its
largest contentful paint). Also: what scripts and styles weigh on the wire, how far anything
moved by itself, what the console complained about, and how a picture of forty megapixels moves.

    python -m benchmarks.workbench                  # 100 answers, 10 cold starts
    python -m benchmarks.workbench --quick --json   # under a minute
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from contextlib import contextmanager
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from benchmarks.large_picture import first_full_view, frames
from benchmarks.rig import Site, machine, rig, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

CHROMIUM = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
PAUSE = 0.9
"""Seconds a person looks before the next key; faster than anybody works for long."""

KINDS = ("photos", "boxes", "texts")

READY = "#workbench[data-live]:not([aria-busy]) .bench-item[data-entry]"

# Told from inside the page: the key's own time stamp, and the frame after the new picture stands.
_WATCH = """
() => {
  window.timed = [];
  window.moved = 0;
  let pressed = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (!entry.hadRecentInput) window.moved += entry.value;
    }
  }).observe({ type: "layout-shift", buffered: true });
  addEventListener("keydown", (event) => { pressed = event.timeStamp; }, { capture: true });
  document.addEventListener("bench:shown", async (event) => {
    const from = pressed;
    const image = event.detail.item.querySelector("[data-zoom-frame] img");
    await image?.decode().catch(() => {});
    requestAnimationFrame(() => requestAnimationFrame((painted) => {
      if (from) window.timed.push(painted - from);
      pressed = 0;
    }));
  });
}
"""

_COLD = """
() => new Promise((done) => {
  new PerformanceObserver((list) => {
    for (const { element, startTime } of list.getEntries()) {
      if (element?.matches(".bench-item [data-zoom-frame] img")) done(startTime);
    }
  }).observe({ type: "largest-contentful-paint", buffered: true });
})
"""

_WEIGHT = """
() => performance.getEntriesByType("resource")
  .filter((entry) => /\\.(js|css)(\\?|$)/.test(new URL(entry.name).pathname))
  .reduce((sum, entry) => sum + entry.encodedBodySize, 0)
"""


# From a key to the layout after it: next box, right, down, twenty times.
_BOX_KEYS = """
() => {
  const press = (key) => {
    const start = performance.now();
    document.body.dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    document.body.offsetHeight;
    return performance.now() - start;
  };
  return Array(20).fill(["j", "ArrowRight", "ArrowDown"]).flat().map(press);
}
"""


def main() -> None:
    asked = _parse()
    began = time.monotonic()
    with rig(asked.database) as stage:
        site = stage.site("bench")
        stock = site.python_json(
            *("-m", "benchmarks.bench_stock", "--items", str(asked.answers + 8)),
            *("--side", str(asked.side)),
        )
        site.start_web()
        with _chromium() as browser:
            cold = [_cold(browser, site, stock) for _ in range(asked.starts)]
            warm = _answers(browser, site, stock, asked.answers)
            boxes = _box_keys(browser, site, stock)
            large = _large(browser, site, stock)
            weights = {slug: _weight(browser, site, stock, slug) for slug in KINDS}
    figures = {
        "machine": machine(),
        "photo": [asked.side, asked.side * 3 // 4],
        "cold_ms": _spread(cold),
        "key_to_painted_ms": _spread(warm["milliseconds"]),
        "box_key_ms": _spread(boxes),
        "large_frame_ms": {move: _spread(told) for move, told in large["frames"].items()},
        "large_full_view_ms": large["full_view"],
        "layout_shift": warm["moved"],
        "console": warm["console"],
        "weight_kb": {slug: round(size / 1000, 1) for slug, size in weights.items()},
        "seconds": round(time.monotonic() - began, 1),
    }
    _tell(figures)
    if asked.json:
        print(json.dumps(figures))


@contextmanager
def _chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (of the tests' requirements)

    names = ("chromium", "chromium-browser", "google-chrome")
    executable = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(CHROMIUM))
        yield browser
        browser.close()


@contextmanager
def _page(browser: Browser, site: Site, stock: dict[str, Any]) -> Iterator[Page]:
    """A browser that has never been here, but for the login."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    cookie = {"name": stock["cookie"], "value": stock["session"], "url": site.address}
    context.add_cookies([cookie])  # type: ignore[list-item]
    yield context.new_page()
    context.close()


def _cold(browser: Browser, site: Site, stock: dict[str, Any]) -> float:
    """Milliseconds from asking for the page to its picture, with nothing in the cache."""
    with _page(browser, site, stock) as page:
        page.goto(site.address + stock["paths"]["photos"], wait_until="commit")
        page.wait_for_selector(".bench-item [data-zoom-frame] img", state="attached")
        painted: float = page.evaluate(_COLD)
        return painted


def _answers(browser: Browser, site: Site, stock: dict[str, Any], answers: int) -> dict[str, Any]:
    console: list[str] = []
    with _page(browser, site, stock) as page:
        page.on("console", lambda said: console.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: console.append(str(error)))
        page.goto(site.address + stock["paths"]["photos"])
        page.wait_for_selector(READY)
        page.evaluate(_WATCH)
        page.wait_for_timeout(2_000)
        for number in range(answers):
            page.keyboard.press("a" if number % 3 else "2")
            page.wait_for_timeout(PAUSE * 1000)
            page.wait_for_selector(READY)
        return {
            "milliseconds": page.evaluate("window.timed"),
            "moved": page.evaluate("window.moved"),
            "console": console,
        }


def _box_keys(browser: Browser, site: Site, stock: dict[str, Any]) -> list[float]:
    with _page(browser, site, stock) as page:
        page.goto(site.address + stock["paths"]["boxes"])
        page.wait_for_selector(".boxes-layer > .drawing g")
        page.wait_for_timeout(1_000)
        took: list[float] = page.evaluate(_BOX_KEYS)
        return took


def _large(browser: Browser, site: Site, stock: dict[str, Any]) -> dict[str, Any]:
    """Two browsers that have never been here: for the first all pixels are made, then kept."""
    address = site.address + stock["paths"]["large"]
    with _page(browser, site, stock) as page:
        made = round(first_full_view(page, address), 1)
    with _page(browser, site, stock) as page:
        kept = round(first_full_view(page, address), 1)
        return {"full_view": {"made": made, "kept": kept}, "frames": frames(page)}


def _weight(browser: Browser, site: Site, stock: dict[str, Any], slug: str) -> int:
    """Bytes of scripts and styles as they came over the wire."""
    with _page(browser, site, stock) as page:
        page.goto(site.address + stock["paths"][slug])
        page.wait_for_selector(READY)
        page.wait_for_timeout(1_000)
        weight: int = page.evaluate(_WEIGHT)
        return weight


def _spread(milliseconds: list[float]) -> dict[str, float]:
    told = sorted(milliseconds)
    p95 = quantiles(told, n=20, method="inclusive")[-1] if len(told) > 1 else told[0]
    return {
        "times": len(told),
        "p50": round(median(told), 1),
        "p95": round(p95, 1),
        "most": round(told[-1], 1),
    }


def _tell(figures: dict[str, Any]) -> None:
    heads = ("", "times", "p50 ms", "p95", "most")
    rows = [
        ("key to next picture", *figures["key_to_painted_ms"].values()),
        ("first picture, cold", *figures["cold_ms"].values()),
        ("a key among 200 boxes", *figures["box_key_ms"].values()),
        *(
            (f"frame to frame, 40 MP, {move}", *spread.values())
            for move, spread in figures["large_frame_ms"].items()
        ),
    ]
    print(f"{figures['photo'][0]} x {figures['photo'][1]} pixels, {figures['machine']}")
    print(table(heads, rows, digits=0))
    full = figures["large_full_view_ms"]
    print(f"all pixels of 40 MP, ms: {full['made']:.0f} when made, {full['kept']:.0f} when kept")
    print(f"scripts and styles, kB compressed: {figures['weight_kb']}")
    print(f"layout shift {figures['layout_shift']:.4f}; console errors {len(figures['console'])}")
    for line in figures["console"][:5]:
        print(f"  {line}")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", choices=["postgresql", "sqlite"], default="sqlite")
    parser.add_argument("--answers", type=int, default=100)
    parser.add_argument("--starts", type=int, default=10, help="cold starts")
    parser.add_argument("--side", type=int, default=2048, help="pixels, the longer side")
    parser.add_argument("--quick", action="store_true", help="few of each, in under a minute")
    parser.add_argument("--json", action="store_true", help="all figures, as the last line")
    asked = parser.parse_args()
    if asked.quick:
        asked.answers, asked.starts = 8, 2
    return asked


if __name__ == "__main__":
    main()
