"""Tell the scheme of an identifier by its form, by what the source calls it, or by the funder."""

from __future__ import annotations

import re
from functools import lru_cache

from fundgraph.documents.tree import Value
from fundgraph.extract.identifiers import problem_of
from fundgraph.extract.source import squeeze
from fundgraph.extract.sources import shared
from fundgraph.extract.structured.paths import one_space
from fundgraph.extract.structured.raw import RawIdentifier

LONGEST = 300


def identifier_of(value: Value, scheme: str | None, otherwise: str | None = None) -> RawIdentifier | None:
    """Make an identifier of a value; with no ``scheme`` its form must tell one, or ``otherwise`` is taken."""
    text = one_space(value.text)
    if not text or len(text) > LONGEST:
        return None
    formed = scheme_by_form(text)
    if formed and (scheme in (None, formed[0]) or formed[0] in ("orcid", "doi", "ror")):
        found, plain = formed
    elif scheme or otherwise:
        found, plain = str(scheme or otherwise), text
    else:
        return None
    if found in ("orcid", "isni"):
        plain = plain.upper()
    elif found in ("doi", "ror"):
        plain = plain.lower()
    at = value.text.find(plain) if value.end - value.start == len(value.text) else -1
    start, end = (value.start + at, value.start + at + len(plain)) if at >= 0 else (value.start, value.end)
    return RawIdentifier(found, plain, start, end, problem_of(found, plain))


@lru_cache(maxsize=8192)
def scheme_by_form(text: str) -> tuple[str, str] | None:
    """Return the scheme that a value's form shows, and the bare value.

    >>> scheme_by_form("https://gepris.dfg.de/gepris/projekt/431549029"), scheme_by_form("633053")
    (('gepris-project', '431549029'), None)
    """
    for scheme, pattern in _patterns():
        if found := pattern.match(text):
            return scheme, found.group(1)
    return None


@lru_cache(maxsize=4096)
def scheme_by_name(name: str) -> str | None:
    """Return the scheme that a source's word for it means."""
    return _names("names").get(squeeze(name).casefold())


@lru_cache(maxsize=4096)
def scheme_by_funder(name: str) -> str | None:
    """Return the scheme of a funder's award numbers."""
    return _names("funders").get(squeeze(name).casefold())


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((one["scheme"], re.compile(one["match"], re.I)) for one in shared("schemes")["pattern"])


@lru_cache(maxsize=2)
def _names(table: str) -> dict[str, str]:
    return {word.casefold(): scheme for scheme, words in shared("schemes")[table].items() for word in words}
