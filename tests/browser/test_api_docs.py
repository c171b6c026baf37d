"""The page of the API in a real browser: no script of its own, both themes, wide and narrow."""

from __future__ import annotations

import pytest

from tests.accessibility import assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_page_is_readable_by_everybody_and_keeps_the_policy(page, live_server, theme, width):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/api/v1/docs")

    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.problems == []


def test_an_endpoint_is_found_and_opened_by_keyboard(page, live_server):
    page.goto(f"{live_server.url}/api/v1/docs")
    page.focus("nav a[href='#submitPrediction']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/docs#submitPrediction")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    opened = page.locator("details[open]")
    assert opened.count() == 1
    assert '"external_id": "cell-1"' in opened.inner_text()
    assert "item_content_conflict" in opened.inner_text()
