"""The words of the pages in every language.

.venv/bin/python scripts/words.py update      # texts of the sources into reviewhub/locale/
.venv/bin/python scripts/words.py compile     # what gettext reads, as `make setup` does
.venv/bin/python scripts/words.py check       # whether anything is missing
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewhub.settings.test")
django.setup()

from reviewhub.words import catalogues, extracting  # noqa: E402  (after Django is set up)


def main(task: str) -> int:
    """Exit status: the number of faults."""
    if task == "compile":
        catalogues.compile_all()
        return 0
    template = extracting.template_of_all()
    if task == "update":
        for locale in catalogues.LOCALES:
            catalogues.source_of(locale).write_bytes(catalogues.update(locale, template))
    told = [
        f"{locale}: {fault}"
        for locale in catalogues.LOCALES
        for fault in catalogues.faults(locale, template)
    ]
    print("\n".join(told) or f"{len(template)} texts, each said in {', '.join(catalogues.LOCALES)}")
    return len(told)


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1]), 99))
