"""Static files under names that carry their content's hash, compressed; ES-module imports too."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

Paths = dict[str, tuple[Storage, str]]

_IMPORT = re.compile(r'^@import "(?P<name>[^"]+)"(?: (?P<media>[a-z]+))?;$', re.MULTILINE)


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """A style sheet that imports others is served with them inside.

    Nothing is painted before the last style is there, and a first visit would wait for ten.
    """

    # Without this switch `import "./keys.js"` would name a file that is not there.
    support_js_module_import_aggregation = True

    def post_process(self, paths: Paths, dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            paths = {**paths, **self._joined_sheets(paths)}
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _joined_sheets(self, paths: Paths) -> Paths:
        """The collected sheets that were written anew, each with what it imports."""
        joined: Paths = {}
        for name in paths:
            if name.endswith(".css") and _IMPORT.search(text := _text(paths, name)):
                Path(self.path(name)).write_text(joined_sheet(name, text, paths), encoding="utf-8")
                joined[name] = (self, name)
        return joined


def joined_sheet(name: str, text: str, paths: Mapping[str, tuple[Storage, str]]) -> str:
    """The sheet `name` of this `text` with the text of each import in its place.

    Imports stand on lines of their own and name a neighbour, with one medium at most; those of an
    imported sheet are not looked at.
    """

    def content(found: re.Match[str]) -> str:
        imported = _text(paths, posixpath.normpath(f"{posixpath.dirname(name)}/{found['name']}"))
        return f"@media {found['media']} {{\n{imported}}}" if found["media"] else imported

    return _IMPORT.sub(content, text)


def _text(paths: Mapping[str, tuple[Storage, str]], name: str) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        text: str = file.read().decode()
    return text
