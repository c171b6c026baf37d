"""The layer law of .importlinter is kept here, and breaks wherever somebody breaks it."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

APP = (
    "apps admin urls receivers management.c api.v web.v tasks actions.a queries.q access media "
    "models.m signals domain.d errors"
)
SKELETON = {
    "annotations": f"{APP} formats.f",
    "training": f"{APP} artifacts deliveries.d ml.l inference.i".replace(" access media", ""),
    "reviewhub": "urls celery wsgi settings.base common.errors statistics.s services.s",
}
BREACHES = {
    "a model calls an action": ("annotations.models.m", "annotations.actions.a"),
    "a query calls an artefact's door": ("training.queries.q", "training.artifacts"),
    "a door calls another": ("annotations.api.v", "annotations.web.v"),
    "an action calls a task": ("annotations.actions.a", "annotations.tasks"),
    "a model asks who may see": ("annotations.models.m", "annotations.access"),
    "images ask a query": ("annotations.media", "annotations.queries.q"),
    "inference reads models": ("training.inference.i", "training.models.m"),
    "a stray module": ("annotations.helpers", "json"),
    "annotations names training": ("annotations.actions.a", "training.signals"),
    "training reads models of annotations": ("training.actions.a", "annotations.models.m"),
    "training asks access": ("training.web.v", "annotations.access"),
    "an app reads settings": ("annotations.actions.a", "reviewhub.settings.base"),
    "an app starts servers": ("training.actions.a", "reviewhub.services.s"),
    "common knows an app": ("reviewhub.common.errors", "annotations.models.m"),
    "mathematics knows the product": ("reviewhub.statistics.s", "reviewhub.common.errors"),
    "a rule knows Django": ("annotations.domain.d", "django.db"),
    "learning knows Django": ("training.ml.l", "django.conf"),
    "inference knows Celery": ("training.inference.i", "celery"),
    "an action imports torch": ("training.actions.a", "torch"),
    "inference imports torch": ("training.inference.i", "torch.nn"),
    "Django imports the learning code": ("training.actions.a", "training.ml.l"),
}


# Modules of the demonstration that start and watch the servers; the rest plays clients.
STAGE = {"story", "acts", "plant", "stage"}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def skeleton(tmp_path: Path, repository: Path) -> Path:
    """Every room of the house, empty, under the repository's own contracts."""
    shutil.copy(repository / ".importlinter", tmp_path)
    for package, modules in SKELETON.items():
        for module in modules.split():
            add(tmp_path, f"{package}.{module}", "")
    add(tmp_path, "training.ml.torches", "import torch, torchvision, timm")
    add(tmp_path, "training.actions.legal", "import annotations.queries.q")
    return tmp_path


def add(root: Path, module: str, text: str) -> None:
    path = root.joinpath(*module.split(".")).with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    for parent in [path.parent, *path.parent.parents]:
        if parent == root:
            break
        (parent / "__init__.py").touch()
    path.write_text(text)


def test_this_repository_keeps_every_contract(repository: Path) -> None:
    told = lint_imports(repository)
    assert told.returncode == 0, told.stdout + told.stderr


def test_an_empty_house_keeps_every_contract(skeleton: Path) -> None:
    told = lint_imports(skeleton)
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_is_told(skeleton: Path, breach: str) -> None:
    importer, imported = BREACHES[breach]
    add(skeleton, importer, f"def late():\n    import {imported}\n")
    told = lint_imports(skeleton)
    assert told.returncode != 0, breach
    assert "BROKEN" in told.stdout or "helpers" in told.stdout, told.stdout + told.stderr


def python_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def imported_by(path: Path) -> set[str]:
    """Full names of all modules that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def is_ours(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] in {"annotations", "training", "reviewhub"}


def test_examples_import_nothing_of_ours_but_the_supervisor(repository: Path) -> None:
    """A client copies its files from examples/ and they work; only the stage starts our servers."""
    for path in python_files(repository / "examples"):
        names = imported_by(path)
        ours = {name for name in names if is_ours(name)}
        staged = {name for name in names if set(name.split(".")[:3]) & STAGE}
        if path.stem in STAGE:
            ours = {name for name in ours if not name.startswith("reviewhub.services")}
            staged = set()
        assert not ours | staged, f"{path} imports {sorted(ours | staged)}"


def test_nobody_imports_the_package_annotations_bare(repository: Path) -> None:
    """`import annotations` is shadowed by, and shadows, `from __future__ import annotations`."""
    for package in ("annotations", "training", "reviewhub", "tests", "scripts"):
        for path in python_files(repository / package):
            bare = [
                node.lineno
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Import)
                and any(alias.name.split(".")[0] == "annotations" for alias in node.names)
            ]
            assert not bare, f"{path}:{bare}"
