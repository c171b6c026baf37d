from __future__ import annotations

import re

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command

from reviewhub.static_storage import HashedFiles

SHEETS = {
    "css/page.css": '/* Both. */\n@import "./first.css";\n@import "./paper.css" print;\n',
    "css/first.css": "a { color: red; }\n",
    "css/paper.css": "a { color: black; }\n",
    "css/other.css": "b { color: green; }\n",
}


@pytest.fixture
def collect(tmp_path):
    """Write sheets, collect them, and tell what is served under each name."""

    def collected(**changed: str) -> dict[str, str]:
        sources, target = tmp_path / "sources", tmp_path / "collected"
        for name, text in {**SHEETS, **changed}.items():
            for folder in (sources, target):  # as collectstatic has copied them
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text)
        storage = HashedFiles(location=target, base_url="/static/")
        found = {name: (FileSystemStorage(sources), name) for name in SHEETS}
        assert all(processed is not None for _, _, processed in storage.post_process(found))
        return {name: (target / storage.stored_name(name)).read_text() for name in SHEETS}

    return collected


def test_a_sheet_that_imports_others_is_served_with_them_inside(collect):
    served = collect()
    assert "@import" not in served["css/page.css"]
    assert served["css/page.css"].index("red") < served["css/page.css"].index("@media print {")
    assert served["css/other.css"] == SHEETS["css/other.css"]


def test_a_change_in_an_imported_sheet_is_served_at_the_next_collecting(collect):
    collect()
    assert "blue" in collect(**{"css/first.css": "a { color: blue; }\n"})["css/page.css"]


def test_what_the_pages_wear_is_one_file_with_all_layers(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "reviewhub.static_storage.HashedFiles"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    (page,) = (path for path in tmp_path.glob("css/page.*.css"))
    text = page.read_text()
    assert not re.search(r"@import", text)
    for layer in ("tokens", "base", "layout", "components", "workbench", "print"):
        assert f"@layer {layer} {{" in text
