"""Pages of an answer, and the mark with which a spreadsheet opens CSV as UTF-8."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Response, request

from fundgraph.errors import ParameterError
from fundgraph.store.nearest import nearest
from fundgraph.web.context import public_root

if TYPE_CHECKING:
    from fundgraph.kg import KnowledgeGraph

MOST = 10**6
_FURTHEST = 10**9
#: No more of the words that a parameter may be are named than this.
_OFFERED = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of an answer are asked for; the whole answer without ``limit`` and ``offset``."""

    limit: int | None
    offset: int

    @property
    def is_whole(self) -> bool:
        """Whether all rows are asked for."""
        return self.limit is None and not self.offset

    def of(self, text: str) -> str:
        """Return the query for these rows only; a canned query puts its rows in order, so that pages fit together."""
        if self.is_whole:
            return text
        limit = "" if self.limit is None else f"LIMIT {self.limit} "
        return f"{text.rstrip()}\n{limit}OFFSET {self.offset}\n"

    def links(self, kg: KnowledgeGraph, text: str) -> Iterator[tuple[str, str]]:
        """Yield relation and address of the pages beside this one."""
        if self.limit is None:
            return
        if self.offset:
            yield "first", _address(0, self.limit)
            yield "prev", _address(max(0, self.offset - self.limit), self.limit)
        after = self.offset + self.limit
        if after <= _FURTHEST and kg.select(Page(1, after).of(text)).rows:
            yield "next", _address(after, self.limit)


def _address(offset: int, limit: int) -> str:
    others = [
        (name, value)
        for name, values in request.args.lists()
        for value in values
        if name not in ("limit", "offset", "job")
    ]
    return f"{public_root()}{request.path}?" + urlencode([*others, ("limit", limit), ("offset", offset)])


def asked(form: str) -> Page:
    """Return the page that the address asks for.

    Raises :class:`ParameterError` for what is no number, or where the answer is no table.
    """
    limit, offset = whole("limit", 1, MOST), whole("offset", 0, _FURTHEST)
    if form != "SELECT" and (limit is not None or offset is not None):
        raise ParameterError(f"'limit' and 'offset' go with tables; this question is a {form}")
    return Page(limit, offset or 0)


def one(name: str) -> str:
    """Return the value of a parameter of the address; the empty text if it is not given, or a field was left empty.

    Raises :class:`ParameterError` for one that is given more than once.
    """
    given = [value for value in request.args.getlist(name) if value]
    if len(given) > 1:
        raise ParameterError(f"parameter {name!r} is given more than once")
    return given[0] if given else ""


def choice(name: str, allowed: Collection[str], default: str = "") -> str:
    """Return which of some words a parameter of the address is. Raises :class:`ParameterError` for another one."""
    text = one(name)
    if text and text not in allowed:
        near = nearest(text, allowed)
        raise ParameterError(
            f"parameter {name!r} cannot be {text[:100]!r}", allowed=tuple(allowed)[:_OFFERED], suggestions=near
        )
    return text or default


def whole(name: str, least: int, most: int) -> int | None:
    """Return a whole number of the address, if it is given. Raises :class:`ParameterError` for what is none, or too large."""
    text = one(name)
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 11 and least <= int(text) <= most):
        raise ParameterError(
            f"parameter {name!r} cannot be {text[:100]!r}: a whole number from {least} to {most} is expected"
        )
    return int(text)


def wants_mark() -> bool:
    """Tell whether CSV is to begin with a byte order mark: ``bom=1`` or ``header=excel``.

    Raises :class:`ParameterError` for another value of either.
    """
    for name, word in (("bom", "1"), ("header", "excel")):
        given = request.args.get(name)
        if given is not None and given != word and not (name == "bom" and given == "0"):
            raise ParameterError(f"parameter {name!r} cannot be {given!r}", allowed=(word,))
    return request.args.get("bom") == "1" or request.args.get("header") == "excel"


def marked(response: Response) -> Response:
    """Return an answer in CSV with a byte order mark before it; its ETag is another one too."""
    response.direct_passthrough = False
    data = b"\xef\xbb\xbf" + response.get_data()
    etag, _ = response.get_etag()
    response.set_data(data)
    if etag:
        response.set_etag(f"{etag}-bom")
    return response
