from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_the_document_lists_every_setting_as_it_is(repository: Path) -> None:
    code = "from reviewhub.settings.reference import document; print(document(), end='')"
    made = subprocess.run(
        [sys.executable, "-c", code],
        cwd=repository,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    written = (repository / "docs" / "settings.md").read_text()
    assert made == written, "run: python -m reviewhub.settings.reference"
