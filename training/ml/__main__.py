"""`python -m training.ml export-backbone|fit`: one JSON object per line on standard output.

Exit status 0 after success; 2 after an expected error, whose last line is {"error", "message"}.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import torch
from threadpoolctl import threadpool_limits

from reviewhub.common.errors import ReviewHubError
from training.ml.export import export_backbone
from training.ml.loop import fit


def main(arguments: list[str] | None = None) -> int:
    """Parse, make one call, present."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    # BLAS under scikit-learn has threads of its own, which only fight for cores at this size.
    threadpool_limits(options.threads)
    try:
        if options.command == "export-backbone":
            _say(export_backbone(options.name, options.out))
        else:
            fit(options.work, report=_report)
    except ReviewHubError as error:
        _say({"error": error.code, "message": error.detail})
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.ml", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    export = commands.add_parser("export-backbone", help="write a backbone as ONNX and safetensors")
    export.add_argument("--name", required=True)
    export.add_argument("--out", type=Path, required=True)
    training = commands.add_parser("fit", help="train what a folder's request.json asks for")
    training.add_argument("--work", type=Path, required=True)
    for command in (export, training):
        command.add_argument("--threads", type=int, default=1)
    return parser


def _report(step: str, progress: float, message: str) -> None:
    _say({"step": step, "progress": round(progress, 3), "message": message})


def _say(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    sys.exit(main())
