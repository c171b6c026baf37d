"""Rewrite requirements.lock from what is installed in this virtualenv.

Run it after changing a pin and installing it. CUDA and Triton are left to torch, which pins them
itself and differently per platform.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"
LEFT_TO_TORCH = ("nvidia-", "cuda-", "triton")
# only the one or the other Python version asks for these
ONLY_ELSEWHERE = ("setuptools==",)


def main() -> None:
    """Keep the comment lines on top and pins that only other Python versions need."""
    frozen = subprocess.run(
        [sys.executable, "-m", "pip", "freeze"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    old = LOCK.read_text().splitlines()
    pins = {line for line in frozen if not line.startswith(LEFT_TO_TORCH)}
    pins |= {line for line in old if line.startswith(ONLY_ELSEWHERE)}
    head = [line for line in old if line.startswith("#")]
    LOCK.write_text("\n".join([*head, *sorted(pins, key=str.lower)]) + "\n")


if __name__ == "__main__":
    main()
