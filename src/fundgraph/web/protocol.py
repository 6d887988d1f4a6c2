"""What requests of the SPARQL protocols have in common: parameters, bodies, and answers to broken ones."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl

from flask import request

from fundgraph.web.problems import problem

FORM = "application/x-www-form-urlencoded"


class BadRequest(Exception):  # noqa: N818 - becomes an answer at once
    """A request that breaks the protocol, with the answer that says so."""

    def __init__(self, status: int, kind: str, title: str, detail: str, allowed: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.response = problem(status, kind, title, detail, allowed=list(allowed))


def check_body(media_type: str, allowed: Sequence[str], what: str) -> None:
    """Refuse a body that is of another media type, another charset, or compressed; ``what`` is what it holds."""
    if media_type not in allowed:
        detail = f"{what} cannot be sent as {media_type or 'a body without a Content-Type'}"
        raise BadRequest(415, "media-type", "Wrong media type", detail, allowed)
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise BadRequest(415, "charset", "Wrong charset", f"{what} is sent in UTF-8, not in {charset}", ("utf-8",))
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise BadRequest(415, "encoding", "Wrong encoding", f"{what} is sent as it is", ("identity",))


def body_text(data: bytes, what: str) -> str:
    """Return a body as text, or raise the answer that says where it is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"not UTF-8 at byte {error.start}"
        raise BadRequest(400, "charset", f"The {what} is not valid UTF-8", detail) from error


def read_pairs(data: bytes) -> list[tuple[str, str]]:
    """Return the names and values of a form or of an address."""
    try:
        return parse_qsl(data.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=500)
    except ValueError as error:
        raise BadRequest(400, "parameter", "The parameters are not valid", str(error)) from error
