"""The forms a body may take. JSON stays bytes: it is decoded once, by msgspec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import structlog
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import UnreadablePostError
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser

from annotations.api.bodies import MOST_BODY_BYTES
from reviewhub.common.errors import TooLarge, Unavailable

logger = structlog.get_logger(__name__)

JSON, NDJSON = "json", "ndjson"


class JsonBytes(BaseParser):
    """`request.data[JSON]` is the raw body."""

    media_type = "application/json"
    name = JSON

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, bytes]:
        """TooLarge before anything of the body is decoded."""
        body: bytes = stream.read(MOST_BODY_BYTES + 1)
        if len(body) > MOST_BODY_BYTES:
            raise TooLarge(limit=MOST_BODY_BYTES)
        return {self.name: body}


class NdjsonBytes(JsonBytes):
    """`request.data[NDJSON]` is the raw body: a document a line."""

    media_type = "application/x-ndjson"
    name = NDJSON


class Parts(MultiPartParser):
    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> DataAndFiles[Any, Any]:
        """Fields and files; Django's own limits answer 413 instead of 400.

        Large files are put on disk meanwhile: a disk that is full or away is Unavailable.
        """
        try:
            return super().parse(stream, media_type, parser_context)
        except UnreadablePostError:
            raise
        except OSError as error:
            logger.exception("upload_not_buffered")
            raise Unavailable(retry_after=10) from error
        except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent) as error:
            raise TooLarge(str(error)) from error
