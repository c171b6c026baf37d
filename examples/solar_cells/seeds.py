"""How far the demonstration depends on luck: the whole story, once for each of several seeds.

    python -m examples.solar_cells.seeds             # five seeds, about 10 minutes on two cores
    python -m examples.solar_cells.seeds --seeds 1   # the first one only
    python -m examples.solar_cells.seeds --json      # every figure, for programs

A seed decides which cells play which part, which items are held out and audited, and how the
simulated reviewers doubt. Each story is played in a folder of its own that is deleted afterwards.
Exit status 0 only if every loop closed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = (
    ("mono before", "accuracy_before"),
    ("mono after", "accuracy_after"),
    ("poly before", "source_before"),
    ("poly after", "source_after"),
    ("sure, wrong", "confidently_wrong_before"),
)

Report = dict[str, Any]


def main() -> int:
    options = _options()
    seeds = range(1, options.seeds + 1)
    if not options.json:
        print(_line("seed", *(name for name, _ in COLUMNS), "reviews", "seconds", "gate"))
    reports = []
    for seed in seeds:
        reports.append(play(seed, port=options.port))
        if not options.json:
            print(_row(reports[-1]), flush=True)
    if options.json:
        print(json.dumps({"reports": reports, "range": _range(reports)}, indent=2))
    else:
        print("".join(["range", *(f"  {name} {span}" for name, span in _range(reports).items())]))
    return 0 if all(report["closed"] for report in reports) else 1


def play(seed: int, *, port: int) -> Report:
    """One story from an empty folder to its report; what it said when it did not get that far."""
    with tempfile.TemporaryDirectory(prefix="reviewhub-demo-") as folder:
        story = (sys.executable, "-m", "examples.solar_cells.story", "--once")
        told = subprocess.run(
            [*story, "--seed", str(seed), "--var", folder, "--port", str(port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        path = Path(folder) / "report.json"
        if not path.is_file():
            return {"seed": seed, "closed": False, "sentence": told.stderr.strip()[-500:]}
        report: Report = json.loads(path.read_text(encoding="utf-8"))
        return report


def _row(report: Report) -> str:
    if "gate" not in report:
        return f"{report['seed']:>4}  stopped: {report['sentence']}"
    shares = (f"{report[key]:.3f}" for _, key in COLUMNS)
    verdict = report["gate"]["verdict"]["word"]
    faults = "".join(f"; {fault}" for fault in report["faults"])
    work = (str(report["reviews"]), f"{report['seconds']:.0f}")
    return _line(str(report["seed"]), *shares, *work, verdict + faults)


def _range(reports: list[Report]) -> dict[str, str]:
    played = [report for report in reports if "gate" in report]
    if not played:
        return {}
    columns = (*COLUMNS, ("reviews", "reviews"), ("seconds", "seconds"))
    return {
        name: f"{min(r[key] for r in played):.3g} to {max(r[key] for r in played):.3g}"
        for name, key in columns
    }


def _line(seed: str, *cells: str) -> str:
    *figures, last = cells
    return f"{seed:>4}" + "".join(f"{cell:>13}" for cell in figures) + f"  {last}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Play the demonstration for several seeds.")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--port", type=int, default=8400)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
