"""JSON that comes compressed, made plain within the limit that plain JSON has."""

from __future__ import annotations

import zlib

from reviewhub.common.errors import Malformed, TooLarge

MOST_JSON_BYTES = 16 * 1024 * 1024
"""Of one body, compressed or not."""

_GZIP = 16 + zlib.MAX_WBITS


def gunzip(body: bytes, *, limit: int = MOST_JSON_BYTES) -> bytes:
    """The plain bytes; TooLarge as soon as there are more than `limit`, Malformed if it is broken.

    A bomb costs no more than what is allowed: unpacking stops one byte behind the limit. Only one
    member is read: each further one would be copied anew, and a body may hold a million.
    """
    stream = zlib.decompressobj(_GZIP)
    try:
        plain = stream.decompress(body, limit + 1)
    except zlib.error as error:
        raise Malformed(f"The body is not gzip: {error}") from error
    if len(plain) > limit:
        raise TooLarge("The body is too large once it is unpacked", limit=limit)
    if not stream.eof:
        raise Malformed("The gzip body is cut off.")
    if stream.unused_data:
        raise Malformed("There is something behind the end of the gzip body.")
    return plain
