"""The whole test run: everything on SQLite, what concerns the database on PostgreSQL again.

`--all` adds the slow tests; further arguments go to both pytest runs. The exit status is 0 only if
both runs passed and ran something; the last line counts both together.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.services import Missing, PostgresServer  # noqa: E402  (after the path is set)

NO_TESTS_RAN = 5


def main() -> int:
    """Run both, print the sum in pytest's words."""
    options, for_pytest = _parse()
    with tempfile.TemporaryDirectory(prefix="reviewhub-tests-") as folder:
        reports = Path(folder)
        slow = "" if options.all else "not slow"
        codes = [_pytest("SQLite", reports / "sqlite.xml", _selected(slow), for_pytest, {})]
        codes.append(_on_postgres(reports, _selected(slow, "both_databases"), for_pytest))
        counts = _counted(reports)
    failed = counts["failed"] + counts["unable"]
    passed = counts["tests"] - failed - counts["skipped"]
    print("SQLite and PostgreSQL together:")
    print(f"{passed} passed, {failed} failed, {counts['skipped']} skipped")
    return _verdict(codes, passed)


def _parse() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="the slow tests too")
    return parser.parse_known_args()


def _selected(*conditions: str) -> str:
    return " and ".join(condition for condition in conditions if condition)


def _verdict(codes: list[int], passed: int) -> int:
    """A run in which nothing is marked for it is no failure; a night without any test is."""
    bad = [code for code in codes if code not in (0, NO_TESTS_RAN)]
    return bad[0] if bad else (0 if passed else NO_TESTS_RAN)


def _on_postgres(reports: Path, selected: str, for_pytest: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="reviewhub-postgres-") as folder:
        try:
            server = PostgresServer.start(Path(folder) / "cluster")
        except Missing as missing:
            return _without_postgres(missing)
        try:
            environ = {"REVIEWHUB_TEST_DATABASE_URL": server.url}
            return _pytest("PostgreSQL", reports / "pg.xml", selected, for_pytest, environ)
        finally:
            server.stop()


def _without_postgres(missing: Missing) -> int:
    print(f"SKIPPED the PostgreSQL run, missing: {missing}", flush=True)
    required = os.environ.get("CI") == "true" or os.environ.get("REVIEWHUB_REQUIRE_ALL") == "1"
    return 1 if required else 0


def _pytest(
    database: str, report: Path, selected: str, for_pytest: list[str], environ: dict[str, str]
) -> int:
    print(f"== tests on {database}", flush=True)
    # Three for two cores, since browsers and servers are waited for; a file's tests mostly run in
    # one process, so that what it starts for all of them starts once.
    spread = ("-n", "3", "--dist", "worksteal")
    command = [sys.executable, "-m", "pytest", "-q", *spread, f"--junitxml={report}"]
    if selected:
        command += ["-m", selected]
    return subprocess.run(
        [*command, *for_pytest], cwd=ROOT, env={**os.environ, **environ}, check=False
    ).returncode


def _counted(reports: Path) -> Counter[str]:
    total: Counter[str] = Counter()
    for report in reports.glob("*.xml"):
        for suite in ElementTree.parse(report).iter("testsuite"):  # noqa: S314 (pytest wrote it)
            total["tests"] += int(suite.get("tests", 0))
            total["failed"] += int(suite.get("failures", 0))
            total["unable"] += int(suite.get("errors", 0))
            total["skipped"] += int(suite.get("skipped", 0))
    return total


if __name__ == "__main__":
    sys.exit(main())
