"""axe-core in the page under test: WCAG 2.2 A and AA, named rule by rule when broken."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[1] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


@cache
def _axe_source() -> str:
    return AXE.read_text(encoding="utf-8")


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe finds on the page as it is shown now; `evaluate` is not bound by the page's CSP.

    It may not preload: what a style sheet imports it would lay out as inline styles, which the CSP
    refuses and the console reports. Only rules that are experimental or about videos would use it.
    """
    page.evaluate(_axe_source())
    options = json.dumps({"runOnly": list(TAGS), "resultTypes": ["violations"], "preload": False})
    found: list[dict[str, Any]] = page.evaluate(f"axe.run({options}).then(r => r.violations)")
    return found


def assert_accessible(page: Page) -> None:
    """Fail with every rule that is broken and the first elements that break it."""
    found = violations(page)
    told = [
        f"{rule['id']}: {rule['help']}\n"
        + "\n".join(f"    {node['html'][:160]}" for node in rule["nodes"][:4])
        for rule in found
    ]
    assert not found, f"{page.url} breaks {len(found)} accessibility rules:\n" + "\n".join(told)
