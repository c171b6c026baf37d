"""What one prediction costs at intake, through HTTP: decoded, checked, routed, stored, answered.

Clients post batches over keep-alive connections to gunicorn, in front of PostgreSQL or SQLite as
they run in production; every call carries a key and an Idempotency-Key. Measured: CPU of the web
and database processes per prediction, and predictions per second. Every round measures all sizes,
into an empty database and a full one, in turns: a slow minute of the machine hits all. The median
is told.

    python -m benchmarks.intake                          # PostgreSQL, empty and with a million
    python -m benchmarks.intake --database sqlite
    python -m benchmarks.intake --quick --json           # under a minute
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import count
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from benchmarks.cpu import cpu_seconds
from benchmarks.photos import photo
from benchmarks.rig import ROOT, Rig, Site, machine, rig, table

SIZES = [1, 100, 500, 1000]
IMAGES_A_CALL = 20

_numbers = count(1)


@dataclass
class Target:
    """One instance that predictions are sent to."""

    site: Site
    stage: Rig
    rows: int
    projects: dict[str, Any]
    created: int = 0

    def used(self) -> tuple[float, float]:
        """CPU seconds of web and database so far; SQLite works inside the web processes."""
        assert self.site.web is not None
        database = cpu_seconds(self.stage.postgres.pid) if self.stage.postgres else 0.0
        return cpu_seconds(self.site.web.pid), database


@dataclass(frozen=True)
class Load:
    """One kind of call: which project, how many predictions in each, over how many connections."""

    slug: str
    size: int
    clients: int = 1
    count: int = field(default=10_000, compare=False)


def main() -> None:
    asked = _parse()
    began = time.monotonic()
    with rig(asked.database) as stage:
        targets = [_target(stage, rows) for rows in asked.stock]
        loads = list(_loads(asked))
        rounds = [
            _measure(target, load)
            for _ in range(asked.rounds)
            for load in loads
            for target in targets
        ]
        uploads = [_uploads(targets[0], asked.images) for _ in range(asked.rounds)]
        faults = {target.rows: _missing(target) for target in targets}
    report = {
        "benchmark": "intake",
        "machine": machine(),
        "database": asked.database,
        "rounds": asked.rounds,
        "seconds_in_all": time.monotonic() - began,
        "predictions": _summed(rounds),
        "uploads": {name: median(each[name] for each in uploads) for name in uploads[0]},
        "missing": faults,
    }
    _tell(report)
    if asked.json:
        print(json.dumps(report))
    if any(faults.values()):
        sys.exit("predictions were lost or doubled: see missing")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    number = {"type": int, "nargs": "+", "metavar": "N"}
    parser.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    parser.add_argument("--stock", **number, default=[0, 1_000_000], help="predictions beforehand")
    parser.add_argument("--sizes", **number, default=SIZES, help="predictions a call")
    parser.add_argument("--rounds", type=int, default=5, help="of which the median is told")
    parser.add_argument("--count", type=int, default=20_000, help="predictions of one measurement")
    parser.add_argument("--images", type=int, default=100, help="images sent along in a round")
    parser.add_argument("--quick", action="store_true", help="one small round in under a minute")
    parser.add_argument("--json", action="store_true", help="all figures, as the last line")
    asked = parser.parse_args()
    if asked.quick:
        asked.stock, asked.sizes, asked.rounds = [0, 20_000], [1, 500], 1
        asked.count, asked.images = 2_000, 20
    return asked


def _loads(asked: argparse.Namespace) -> Iterator[Load]:
    """Photos that were uploaded before, in every size; the other kinds, and crowds, at 500."""
    for size in asked.sizes:
        # A call costs the same few milliseconds whatever it carries: few of the small ones do.
        enough = max(100, min(asked.count, asked.count * size // 200))
        yield Load("parts", size, count=enough - enough % size or size)
    for slug in ("boxes", "messages"):
        yield Load(slug, 500, count=asked.count)
    yield Load("parts", 500, clients=4, count=asked.count)


def _target(stage: Rig, rows: int) -> Target:
    site = stage.site(f"with_{rows}")
    projects = site.python_json("-m", "benchmarks.traffic", "prepare", "--stock", str(rows))
    site.start_web()
    print(f"prepared a database with {rows:,} predictions", file=sys.stderr, flush=True)
    target = Target(site, stage, rows, projects)
    # Imports, caches and plans are paid once, not by a prediction.
    for slug in projects:
        _measure(target, Load(slug, 100, clients=4, count=800))
    return target


def _measure(target: Target, load: Load) -> dict[str, Any]:
    project = target.projects[load.slug]
    spec = {
        "address": target.site.address,
        "slug": load.slug,
        "key": project["key"],
        "images": project["images"],
        "size": load.size,
        "count": load.count,
        "clients": load.clients,
        "tag": f"round-{next(_numbers)}",
    }
    crew = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.senders"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert crew.stdin is not None
    assert crew.stdout is not None
    crew.stdin.write(json.dumps(spec) + "\n")
    crew.stdin.flush()
    if crew.stdout.readline().strip() != "ready":
        raise SystemExit("the clients could not begin")
    before = target.used()
    crew.stdin.write("go\n")
    crew.stdin.flush()
    told = json.loads(crew.stdout.readline())
    after = target.used()
    crew.wait()
    target.created += told["created"]
    web, database = (
        (end - start) * 1000 / told["sent"] for start, end in zip(before, after, strict=True)
    )
    calls = told["milliseconds"]
    return {
        "project": load.slug,
        "size": load.size,
        "clients": load.clients,
        "stock": target.rows,
        "cpu_ms": web + database,
        "web_ms": web,
        "database_ms": database,
        "client_ms": told["cpu_seconds"] * 1000 / told["sent"],
        "per_second": told["sent"] / told["seconds"],
        "call_p50_ms": calls[len(calls) // 2],
        "call_p99_ms": calls[min(len(calls) - 1, int(0.99 * len(calls)))],
        "queued_share": told["queued"] / told["sent"],
    }


def _uploads(target: Target, images: int) -> dict[str, float]:
    """Photos of two megapixels sent along with their predictions, against the bare work on them."""
    images = max(1, images // IMAGES_A_CALL) * IMAGES_A_CALL
    bare = target.site.python_json("-m", "benchmarks.traffic", "bare", "--images", str(images))
    bodies = [_with_photos(images=IMAGES_A_CALL) for _ in range(images // IMAGES_A_CALL)]
    before = sum(target.used())
    for boundary, body in bodies:
        _send_along(target, boundary, body)
    used = (sum(target.used()) - before) * 1000 / images
    target.created += images
    return {
        "cpu_ms_an_image": used,
        "bare_ms_an_image": bare["milliseconds"],
        "times_bare": used / bare["milliseconds"],
    }


def _with_photos(images: int) -> tuple[str, bytes]:
    """A multipart body: the predictions, and a photo for each of them."""
    boundary, numbers = f"b{next(_numbers)}", [next(_numbers) for _ in range(images)]
    batch = [
        {
            "external_id": f"photo-{number}",
            "predictor": {"name": "line-camera", "version": "1"},
            "probabilities": {"good": 0.7, "crack": 0.1, "scratch": 0.1, "dust": 0.1},
            "image": {"part": f"p{number}"},
        }
        for number in numbers
    ]
    parts = [("batch", "application/json", json.dumps({"predictions": batch}).encode())]
    parts += [(f"p{number}", "image/jpeg", photo(number)) for number in numbers]
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; '
        f'filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'.encode()
        + data
        + b"\r\n"
        for name, kind, data in parts
    )
    return boundary, body + f"--{boundary}--\r\n".encode()


def _send_along(target: Target, boundary: str, body: bytes) -> None:
    http = HTTPConnection(urlsplit(target.site.address).netloc, timeout=120)
    headers = {
        "Authorization": f"Bearer {target.projects['parts']['key']}",
        "Content-Type": f"multipart/form-data; boundary={boundary}",
    }
    http.request("POST", "/api/v1/projects/parts/predictions:batch", body, headers)
    response = http.getresponse()
    answer = json.loads(response.read())
    refused = [each for each in answer.get("results", [answer]) if each["status"] != "created"]
    if refused:
        raise SystemExit(f"{response.status}: {refused[0]}")


def _missing(target: Target) -> int:
    """Predictions that were confirmed and are not there, or are there without being confirmed."""
    stored = target.site.python_json("-m", "benchmarks.traffic", "stored")
    wanted = target.created + target.rows
    return max(abs(wanted - stored[name]) for name in stored)


def _summed(rounds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The median of the rounds that measured the same."""
    named = ("project", "size", "clients", "stock")
    kinds = dict.fromkeys(tuple(each[name] for name in named) for each in rounds)
    summed = []
    for kind in kinds:
        alike = [each for each in rounds if tuple(each[name] for name in named) == kind]
        figures = {
            name: median(each[name] for each in alike) for name in alike[0].keys() - {*named}
        }
        summed.append(dict(zip(named, kind, strict=True)) | figures)
    return summed


def _tell(report: dict[str, Any]) -> None:
    columns = {
        "project": "project",
        "size": "a call",
        "clients": "clients",
        "stock": "in the database",
        "cpu_ms": "CPU ms",
        "web_ms": "web",
        "database_ms": "database",
        "client_ms": "(client)",
        "per_second": "per second",
        "call_p50_ms": "call p50 ms",
        "call_p99_ms": "p99",
        "queued_share": "queued",
    }
    print(
        f"One prediction, {report['database']}, median of {report['rounds']}: {report['machine']}"
    )
    rows = [[row[name] for name in columns] for row in report["predictions"]]
    print(table([*columns.values()], rows, digits=3))
    told = report["uploads"]
    print(
        f"\nAn image of two megapixels sent along: {told['cpu_ms_an_image']:.1f} ms of CPU, "
        f"{told['times_bare']:.2f} times the bare {told['bare_ms_an_image']:.1f} ms of decoding it "
        "and making its derivatives."
    )
    print(f"Predictions lost or doubled, to be 0: {report['missing']}")


if __name__ == "__main__":
    main()
