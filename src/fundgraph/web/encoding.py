"""Compressed answers: zstd, brotli or gzip, whichever the client would rather have."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import brotli
from flask import Response, request
from werkzeug.datastructures import Accept

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdCompressor
else:
    from backports.zstd import ZstdCompressor

#: Below this, a compressed answer needs as many packets as the answer itself.
LEAST = 1000
_TEXTS = ("application/json", "application/problem+json", "application/n-triples", "application/n-quads",
          "application/trig", "application/rdf+xml", "application/ld+json", "application/xml",
          "application/sparql-results+json", "application/sparql-results+xml", "image/svg+xml")  # fmt: skip


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


class _Brotli:
    """Brotli under the names that the other two use; level 4 is about as quick as gzip's 5, and smaller."""

    def __init__(self) -> None:
        self._inner = brotli.Compressor(quality=4)

    def compress(self, data: bytes, /) -> bytes:
        return bytes(self._inner.process(data))

    def flush(self) -> bytes:
        return bytes(self._inner.finish())


#: What we offer, the quickest first: where a client likes several as much, it gets the first of them.
CODINGS: dict[str, Callable[[], _Compressor]] = {
    "zstd": lambda: ZstdCompressor(3),
    "br": _Brotli,
    "gzip": lambda: zlib.compressobj(5, zlib.DEFLATED, 31),
}


def choose(accepted: Accept) -> str | None:
    """Return the coding that a client would rather have, ``None`` for the bytes as they are."""
    if not accepted:
        return None
    best, chosen = 0.0, None
    for name in CODINGS:
        quality = accepted.quality(name)
        if quality > best:
            best, chosen = quality, name
    # Unlike other values, the plain bytes are fine unless refused; they win only if they are named above.
    named = [quality for value, quality in accepted if value.lower() == "identity"]
    return None if named and named[0] > best else chosen


def wanted(response: Response) -> str | None:
    """Return the coding of an answer of this kind to the request in hand, if it is long enough."""
    return choose(request.accept_encodings) if _is_text(response) else None


def packed(name: str, data: bytes) -> bytes:
    """Return bytes in a coding."""
    compressor = CODINGS[name]()
    return compressor.compress(data) + compressor.flush()


def encode(response: Response) -> Response:
    """Compress an answer if it is worth it and the client reads it so."""
    if response.status_code == 304:  # it stands for an answer that might have been compressed
        response.vary.add("Accept-Encoding")
    if not _is_text(response) or response.status_code in (204, 206, 304) or request.endpoint == "static":
        return response
    response.vary.add("Accept-Encoding")
    length = response.content_length
    if response.headers.get("Content-Encoding") or (length is not None and length < LEAST):
        return response
    name = choose(request.accept_encodings)
    if name is None:
        return response
    if response.direct_passthrough:
        response.direct_passthrough = False
        response.response = _stream(CODINGS[name](), response.response)  # type: ignore[arg-type]
        response.headers.pop("Content-Length", None)
    else:
        response.set_data(packed(name, response.get_data()))
    response.headers["Content-Encoding"] = name
    tag, weak = response.get_etag()
    if tag is not None:  # other bytes need another strong tag
        response.set_etag(f"{tag}-{name}", weak=bool(weak))
    return response


def _is_text(response: Response) -> bool:
    media_type = response.mimetype or ""
    return media_type.startswith("text/") or media_type in _TEXTS


def _stream(compressor: _Compressor, pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        data = compressor.compress(piece)
        if data:
            yield data
    yield compressor.flush()
