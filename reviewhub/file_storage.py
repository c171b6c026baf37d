"""Files of this machine that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage


class AtomicFileSystemStorage(FileSystemStorage):
    """For files that are named by their content: saving one again replaces it in one step.

    Django writes into the final name bit by bit, where a rival, or a try that comes after a crash,
    finds half a file. Here a name belongs to a whole file, on disk, from the first moment. This is
    how buckets behave.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: File[Any]) -> str:
        path = Path(self.path(name))
        mode = self.directory_permissions_mode
        path.parent.mkdir(parents=True, exist_ok=True, **({"mode": mode} if mode else {}))
        handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-")
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            Path(unfinished).chmod(self.file_permissions_mode or 0o644)
            self._publish(Path(unfinished), path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
        return name

    def _publish(self, unfinished: Path, path: Path) -> None:
        unfinished.replace(path)


class OnceFileSystemStorage(AtomicFileSystemStorage):
    """For files that are handed in once: of two for one name, the second is a FileExistsError."""

    def _publish(self, unfinished: Path, path: Path) -> None:
        # A link is refused where a rename would replace.
        path.hardlink_to(unfinished)
        unfinished.unlink()
