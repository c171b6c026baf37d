"""What browsers get from static/vendor/ is, byte for byte, what package-lock.json pins."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from scripts.vendor_assets import MODULES, VENDOR, WHITELIST, installed_version

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def lock() -> dict:
    return json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]


def test_every_vendored_file_is_the_installed_one() -> None:
    for package, files in WHITELIST.items():
        for name in files:
            vendored = VENDOR / package / Path(name).name
            assert digest(vendored) == digest(MODULES / package / name), vendored


def test_nothing_else_is_vendored() -> None:
    expected = {
        VENDOR / package / Path(name).name for package, files in WHITELIST.items() for name in files
    }
    lying_there = {path for path in VENDOR.rglob("*") if path.is_file()}
    assert lying_there - {VENDOR / ".complete"} == expected


def test_installed_versions_are_the_locked_ones(lock: dict) -> None:
    for package in [*WHITELIST, "axe-core"]:
        assert installed_version(package) == lock[f"node_modules/{package}"]["version"]


def test_every_package_comes_with_its_licence() -> None:
    for package in WHITELIST:
        texts = any((VENDOR / package).glob("LICEN[CS]E*"))
        assert texts or manifest(package).get("license"), package


def test_the_lock_pins_hashes_and_names_no_address(lock: dict) -> None:
    for name, package in lock.items():
        assert "resolved" not in package, name
        assert not name or package["integrity"].startswith("sha512-"), name


def test_the_manifest_asks_for_exact_versions() -> None:
    manifest = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    wanted = {**manifest["dependencies"], **manifest["devDependencies"]}
    assert all(version[0].isdigit() for version in wanted.values()), wanted


def manifest(package: str) -> dict:
    """What a package without a text of its licence says of itself, if that is vendored."""
    path = VENDOR / package / "package.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
