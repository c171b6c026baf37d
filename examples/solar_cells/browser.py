"""What a browser does with a page, as far as these pages need it: cookies, forms, redirects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener

SECONDS = 30.0


@dataclass
class Form:
    """One form of a page: where it goes, what it carries, what can be pressed."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[dict[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """A page read for its forms and the `alt` texts of its pictures."""

    def __init__(self, html: str, *, url: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[Form] = []
        self.pictures: list[str] = []
        self._inside = False
        self.feed(html)

    def form_with(self, **fields: str) -> Form | None:
        """The first form that carries all of these fields with these values."""
        wanted = fields.items()
        return next((form for form in self.forms if wanted <= form.fields.items()), None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = True
            self.forms.append(Form(urljoin(self.url, given.get("action") or self.url)))
        elif tag == "img":
            self.pictures.append(given.get("alt", ""))
        elif self._inside and tag == "input" and given.get("name"):
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif self._inside and tag == "button":
            self.forms[-1].buttons.append(given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


class LoginFailed(Exception):
    """The site did not take the name and the password."""


class Browser:
    """One person's session."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._cookies = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self._cookies))

    def log_in(self, username: str, password: str) -> None:
        """By the form on the login page. Raises LoginFailed."""
        page = self.open("/login")
        form = page.form_with(username="")
        if form is None:
            raise LoginFailed("there is no login form")
        self.submit(form, username=username, password=password)
        if not any(cookie.name.endswith("sessionid") for cookie in self._cookies):
            raise LoginFailed(f"{username} may not log in")

    def open(self, path: str) -> Page:
        return self._read(Request(urljoin(self._site, path)))  # noqa: S310 (the site we were given)

    def submit(
        self, form: Form, *, headers: Mapping[str, str] | None = None, **pressed: str
    ) -> Page:
        """Send the form with what was filled in or pressed; redirects are followed."""
        body = urlencode({**form.fields, **pressed}).encode()
        return self._read(Request(form.action, data=body, headers=dict(headers or {})))  # noqa: S310

    def _read(self, request: Request) -> Page:
        with self._opener.open(request, timeout=SECONDS) as response:
            return Page(response.read().decode(), url=response.url)
