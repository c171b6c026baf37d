"""What is committed: our own text, of a size that one can read, and nothing that was installed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

LONGEST_MODULE = 300
LONGEST_TESTS = 450
OURS = {"reviewhub", "annotations", "training"}
LARGEST_FILE = 1024 * 1024
PINNED = re.compile(r"^[A-Za-z0-9._-]+(\[[a-z0-9,-]+\])?==[^ ;]+( ; .+)?$")


@pytest.fixture(scope="module")
def committed() -> list[Path]:
    root = Path(__file__).resolve().parents[2]
    command = ["git", "ls-files", "-z"]
    told = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if told.returncode:
        pytest.skip("not a git checkout")
    return [root / name for name in told.stdout.split("\0") if name and (root / name).is_file()]


# Installed apart from ours, so that their pins never bend ours.
OWN_ENVIRONMENT = {"requirements-node.txt", "requirements-s3.txt"}


def test_no_module_is_longer_than_one_can_hold_in_mind(
    committed: list[Path], repository: Path
) -> None:
    for path in committed:
        own = path.relative_to(repository).parts
        if path.suffix == ".py" and "migrations" not in own:
            lines = len(path.read_text(encoding="utf-8").splitlines())
            most = LONGEST_TESTS if own[0] == "tests" else LONGEST_MODULE
            assert lines <= most, f"{path} has {lines} lines: split it"


def test_nothing_installed_or_large_is_committed(committed: list[Path], repository: Path) -> None:
    for path in committed:
        first = path.relative_to(repository).parts[0]
        assert first not in {".venv", ".venv-s3", "node_modules", "var"}, path
        assert path.relative_to(repository).parts[:2] != ("static", "vendor"), path
        assert path.stat().st_size <= LARGEST_FILE, path


def test_every_requirement_is_pinned_and_locked(repository: Path) -> None:
    locked = {canonical(line) for line in requirement_lines(repository / "requirements.lock")}
    for path in repository.glob("requirements*.txt"):
        for line in requirement_lines(path):
            assert PINNED.match(line), f"{path.name}: {line}"
            if path.name not in OWN_ENVIRONMENT:
                assert canonical(line) in locked, f"{path.name}: {line} is not locked"


def test_the_product_imports_only_what_it_requires(repository: Path) -> None:
    """What only developers install is missing on a machine that only runs the product."""
    required = {
        canonical(line).split("==")[0]
        for line in requirement_lines(repository / "requirements.txt")
    }
    providers = packages_distributions()
    for package in ("reviewhub", "annotations", "training"):
        for path in sorted((repository / package).rglob("*.py")):
            for module in imported_at_run_time(path) - sys.stdlib_module_names - OURS:
                from_where = {normal(name) for name in providers.get(module, ())}
                assert from_where & required, f"{path} imports {module}: not in requirements.txt"


def imported_at_run_time(path: Path) -> set[str]:
    """Top-level names that a file imports, blocks under `if TYPE_CHECKING:` left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    only_for_types = {
        id(inner)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for inner in ast.walk(block)
    }
    names: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in only_for_types:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def requirement_lines(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith(("#", "-r"))]


def canonical(line: str) -> str:
    """`Name[extra]==1 ; marker` as indexes compare it: `name==1`."""
    name, version = re.sub(r"\[.*?\]| ;.*", "", line).split("==")
    return f"{normal(name)}=={version}"


def normal(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()
