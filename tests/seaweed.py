"""A real S3 server for tests: SeaweedFS on loopback, which enforces what a bucket enforces."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.services import Missing, wait_until

ROOT = Path(__file__).resolve().parents[1]
ACCESS_KEY, SECRET_KEY = "hub-access", "hub-secret-of-tests"
BUCKET = "hub"
TRIES = 3
WHO = {
    "identities": [
        {
            "name": "hub",
            "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
    ]
}


@dataclass
class SeaweedServer:
    """Master, volume, filer and S3 door in one process, with one bucket."""

    process: subprocess.Popen[bytes]
    port: int

    @classmethod
    def start(cls, folder: Path) -> SeaweedServer:
        """Tried again where somebody else has taken a port that was free a moment ago."""
        program = _program()
        (folder / "data").mkdir(parents=True)
        (folder / "s3.json").write_text(json.dumps(WHO))
        for _ in range(TRIES):
            server = cls(*_started(program, folder))
            try:
                wait_until(server._is_there_or_ended, seconds=90, what=f"{folder}/weed.log")
            except AssertionError:
                server.stop()
                raise
            if server.process.poll() is None:
                return server
        told = (folder / "weed.log").read_text(errors="replace")
        raise AssertionError(f"SeaweedFS ended {TRIES} times:\n{told[-3000:]}")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            region_name="us-east-1",
            config=Config(signature_version="s3v4", retries={"max_attempts": 1}),
        )

    def storages(self, *aliases: str, prefix: str) -> dict[str, Any]:
        """For settings.STORAGES, as settings/files.py makes them of the environment."""
        from reviewhub.settings.env import Env
        from reviewhub.settings.files import storages

        env = Env(
            {
                "REVIEWHUB_STORAGE": "s3",
                "REVIEWHUB_S3_BUCKET": BUCKET,
                "REVIEWHUB_S3_PREFIX": prefix,
                "REVIEWHUB_S3_ENDPOINT": self.url,
                "REVIEWHUB_S3_REGION": "us-east-1",
                "REVIEWHUB_S3_ACCESS_KEY": ACCESS_KEY,
                "REVIEWHUB_S3_SECRET_KEY": SECRET_KEY,
                "REVIEWHUB_S3_ADDRESSING": "path",
            }
        )
        made = storages(env, ROOT / "var")
        return {alias: made[alias] for alias in aliases}

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _is_there_or_ended(self) -> bool:
        return self.process.poll() is not None or self._has_bucket()

    def _has_bucket(self) -> bool:
        try:
            self.client.create_bucket(Bucket=BUCKET)
            # A volume must be there too before anything can be stored.
            self.client.put_object(Bucket=BUCKET, Key="ready", Body=b"yes")
        except (BotoCoreError, ClientError):
            return False
        return True


def _started(program: str, folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """The process and its S3 port. Whatever has a fixed port by default is given one or put out."""
    s3, s3_grpc, *others = _free_ports(8)
    parts = [
        f"-{part}.port{grpc}" for part in ("master", "volume", "filer") for grpc in ("", ".grpc")
    ]
    command = [
        program,
        "server",
        "-s3",
        f"-s3.port={s3}",
        f"-s3.port.grpc={s3_grpc}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-s3.config={folder / 's3.json'}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-dir={folder / 'data'}",
        "-master.telemetry=false",
        "-master.volumeSizeLimitMB=64",
        "-volume.max=8",
        f"-filer.localSocket={folder / 'filer.sock'}",
        f"-s3.localSocket={folder / 's3.sock'}",
        *(f"{name}={number}" for name, number in zip(parts, others, strict=True)),
    ]
    with (folder / "weed.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=folder), s3


def _free_ports(number: int) -> list[int]:
    """Different ones: each is held until all are found."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _program() -> str:
    """`weed` of this machine, or of the environment that `make test-all` makes for it."""
    ours = ROOT / ".venv-s3" / "bin" / "weed"
    found = str(ours) if ours.exists() else shutil.which("weed")
    if found is None:
        raise Missing("SeaweedFS; `make .venv-s3/bin/weed`")
    return found
