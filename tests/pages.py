"""What tests of pages share: forms as a browser would send them, and queries counted."""

from __future__ import annotations

import html
import re
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.models import Project

HTMX = {"HX-Request": "true"}


def page(client: Client, name: str, of: Project, *args: Any, **query: str) -> str:
    """The HTML of a page that must be there."""
    response = client.get(reverse(name, args=[of.slug, *args]), query)
    assert response.status_code == 200, response.content.decode()[:500]
    return response.content.decode()


def on_bench(text: str) -> str:
    """Of the workbench's page the item alone."""
    return text.partition('id="bench"')[2].partition('id="recent"')[0]


def hidden_fields(text: str, *, within: str = "") -> dict[str, str]:
    """Names and values of the hidden fields of the first form that contains `within`."""
    forms = re.findall(r"<form.*?</form>", text, re.DOTALL)
    form = next(form for form in forms if within in form)
    tags = re.findall(r'<input type="hidden"[^>]*>', form, re.DOTALL)
    pairs = [
        (re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in tags
    ]
    return {name[1]: html.unescape(value[1]) for name, value in pairs if name and value}


def queries_of(client: Client, url: str) -> int:
    """SQL statements of one GET, once everything that is cached has been."""
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200
    return len(captured)
