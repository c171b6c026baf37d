"""The story, from an empty folder to a repaired model: `python -m examples.solar_cells.story`.

1. A model learns polycrystalline cells and becomes champion. 2. The line judges cells with it and
switches to monocrystalline ones. 3. Routing fills the queue. 4. Two reviewers work through it.
5. Their corrections start a run, and the gate decides. 6. The line is told, and switches.
7. Both models are measured on cells that the server has never seen.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from examples.solar_cells import acts, report, terminal
from examples.solar_cells.browser import LoginFailed
from examples.solar_cells.cells import NOTICE, PhotosMissing, find_photos, load_cells, share_out
from examples.solar_cells.client import Refused
from examples.solar_cells.history import ImportRefused
from examples.solar_cells.model import ModelRefused
from examples.solar_cells.plant import SLUG, Plant, found, open_services
from examples.solar_cells.stage import StoryStopped
from examples.solar_cells.teller import Teller
from reviewhub.services import AlreadyRunning, RedisMissing, Services, ServicesFailed
from reviewhub.services.instance import Instance

EXPECTED = (
    *(AlreadyRunning, RedisMissing, ServicesFailed, PhotosMissing, StoryStopped),
    *(Refused, ImportRefused, LoginFailed, ModelRefused),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if the loop closed; 1 if it did not, or something is missing that the message names."""
    options = _options(arguments)
    try:
        closed = present(options.var, seed=options.seed, port=options.port, once=options.once)
    except KeyboardInterrupt:
        print("\nStopped before the end, with everything that was started.", file=sys.stderr)
        return 130
    except EXPECTED as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0 if closed else 1


def present(var: Path, *, seed: int, port: int, once: bool) -> bool:
    """Play the story, or show again what an earlier start has played. Whether the loop closed."""
    teller = Teller()
    plant = _kept(var, teller)
    photos = find_photos()
    seed = plant.seed if plant else seed
    with open_services(var, port=port, seed=seed, say=teller.say) as services:
        plant = plant or _play(services, var, photos=photos, seed=seed, teller=teller)
        played = report.read(var / "report.json")
        print(*terminal.lines_of(played), sep="\n")
        if not once:
            _leave_open(services, plant)
    return bool(played["closed"])


def _kept(var: Path, teller: Teller) -> Plant | None:
    """What an earlier start has played to its end; a half-played one is forgotten."""
    plant = Plant.kept(var)
    if plant is None or plant.played:
        return plant
    with Instance.at(var).lock():
        teller.line("An earlier demonstration was interrupted; beginning anew.")
        shutil.rmtree(var)
    return None


def _play(services: Services, var: Path, *, photos: Path, seed: int, teller: Teller) -> Plant:
    teller.line(NOTICE)
    Plant(seed, key="", passwords={}).keep(var)
    plant = found(services, seed=seed)
    parts = share_out(load_cells(photos), seed=seed)
    report.write(acts.play(services, plant, parts, teller=teller), var / "report.json")
    done = Plant(plant.seed, plant.key, plant.passwords, played=True)
    done.keep(var)
    return done


def _leave_open(services: Services, plant: Plant) -> None:
    site = services.base_url
    print(f"\nThe site stays open, with cells waiting for you:  {site}/p/{SLUG}/")
    print(f"  report    {site}/demo/report")
    for name in ("reviewer", "lead"):
        print(f"  {name:9} log in as  {name}  with password  {plant.passwords[name]}")
    print("Ctrl-C stops everything. `make demo` opens it again, `make demo-reset` begins anew.")
    try:
        services.wait()
    except KeyboardInterrupt:
        print("\nStopping everything.")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Play the story of the solar cells.")
    parser.add_argument("--once", action="store_true", help="end after the report")
    parser.add_argument("--seed", type=int, default=1, help="which cells play which part")
    parser.add_argument("--var", type=Path, default=Path("var/demo"), help="folder of the instance")
    parser.add_argument("--port", type=int, default=8000)
    return parser.parse_args(arguments)


def _heed_signals() -> None:
    """Whoever ends this program ends the servers too; a shell's `&` would leave SIGINT ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


if __name__ == "__main__":
    _heed_signals()
    sys.exit(main())
