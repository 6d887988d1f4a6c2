"""Schemes of identifiers: how a value of each looks, how it is checked, and which IRI it has.

An identifier is nothing without its scheme: bare numbers of GEPRIS, NSF and CORDIS overlap.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["SCHEMES", "Scheme", "scheme_and_value", "well_formed"]

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def orcid_holds(value: str) -> bool:
    """Tell whether the last character of an ORCID iD fits the others (ISO 7064, mod 11-2).

    >>> orcid_holds("0000-0002-1825-0097"), orcid_holds("0000-0002-1825-0096")
    (True, False)
    """
    total = 0
    for digit in value.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    rest = (12 - total % 11) % 11
    return value[-1] == ("X" if rest == 10 else str(rest))


def ror_holds(value: str) -> bool:
    """Tell whether the last two digits of a ROR id fit the others (ISO 7064, mod 97-10).

    >>> ror_holds("05591te55"), ror_holds("05591te56")
    (True, False)
    """
    number = 0
    for char in value[1:7]:
        number = number * 32 + _CROCKFORD.index(char)
    return 98 - number * 100 % 97 == int(value[7:])


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme: ``iri`` with ``{}`` for the value, what a value matches, and what else must hold of it."""

    name: str
    label: str
    iri: str
    pattern: re.Pattern[str]
    holds: Callable[[str], bool] | None = None
    others: tuple[str, ...] = ()
    """Other beginnings of an IRI that lead to the same value."""

    def value_of(self, iri: str) -> str | None:
        """Return the value that an IRI names, checked for its form only; ``None`` if the IRI is of another scheme."""
        for one in (self.iri, *self.others):
            before, _, after = one.partition("{}")
            if iri.startswith(before) and iri.endswith(after):
                value = iri[len(before) : len(iri) - len(after)]
                if self.pattern.fullmatch(value):
                    return value
        return None

    def iri_of(self, value: str) -> str:
        """Return the IRI of a value."""
        return self.iri.replace("{}", value)


def _scheme(
    name: str, label: str, iri: str, pattern: str, holds: Callable[[str], bool] | None = None, *others: str
) -> Scheme:
    return Scheme(name, label, iri, re.compile(pattern), holds, others)


#: All schemes whose IRIs are known, by name.
SCHEMES = {
    scheme.name: scheme
    for scheme in (
        _scheme(
            "orcid", "ORCID iD", "https://orcid.org/{}", r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", orcid_holds,
            "http://orcid.org/{}",
        ),
        _scheme("ror", "ROR id", "https://ror.org/{}", r"0[a-hj-km-np-tv-z0-9]{6}\d{2}", ror_holds),
        _scheme(
            "gepris-project", "GEPRIS project", "https://gepris.dfg.de/gepris/projekt/{}", r"\d+", None,
            "http://gepris.dfg.de/gepris/projekt/{}",
        ),
        _scheme("gepris-person", "GEPRIS person", "https://gepris.dfg.de/gepris/person/{}", r"\d+"),
        _scheme("gepris-institution", "GEPRIS institution", "https://gepris.dfg.de/gepris/institution/{}", r"\d+"),
        _scheme("wikidata", "Wikidata item", "http://www.wikidata.org/entity/{}", r"Q[1-9]\d*", None, "https://www.wikidata.org/wiki/{}"),
        _scheme("dblp", "DBLP person", "https://dblp.org/pid/{}", r"[\w-]+/[\w-]+"),
        _scheme("zbmath-author", "zbMATH author", "https://zbmath.org/authors/?q=ai:{}", r"[a-z0-9.-]+"),
        _scheme("mardi", "MaRDI item", "https://portal.mardi4nfdi.de/entity/{}", r"Q[1-9]\d*"),
        _scheme("orkg", "ORKG resource", "http://orkg.org/orkg/resource/{}", r"R[1-9]\d*"),
        _scheme("semopenalex", "SemOpenAlex", "https://semopenalex.org/{}", r"[a-z]+/[AIFWC]\d+"),
        _scheme("openalex", "OpenAlex", "https://openalex.org/{}", r"[AIFWGC]\d+"),
        _scheme("openaire-project", "OpenAIRE project", "https://explore.openaire.eu/search/project?projectId={}", r"[\w:-]+"),
        _scheme("crossref-funder", "Crossref Funder Registry", "https://doi.org/{}", r"10\.13039/\d+"),
        _scheme("doi", "DOI", "https://doi.org/{}", r"10\.\d{4,9}/\S+"),
        _scheme("arxiv", "arXiv", "https://arxiv.org/abs/{}", r"\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7}"),
        _scheme("grid", "GRID (frozen in 2021)", "https://www.grid.ac/institutes/{}", r"grid\.\d+\.[0-9a-f]+"),
        _scheme("google-scholar", "Google Scholar", "https://scholar.google.com/citations?user={}", r"[\w-]{12}"),
        _scheme("github", "GitHub", "https://github.com/{}", r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})"),
    )
}  # fmt: skip


def scheme_and_value(iri: str) -> tuple[str, str] | None:
    """Return the scheme and the value that an IRI names.

    >>> scheme_and_value("https://ror.org/05591te55"), scheme_and_value("https://example.org/")
    (('ror', '05591te55'), None)
    """
    for scheme in SCHEMES.values():
        value = scheme.value_of(iri)
        if value is not None:
            return scheme.name, value
    return None


def well_formed(iri: str) -> bool:
    """Tell whether the check digits of an identifier fit, where its scheme has some."""
    named = scheme_and_value(iri)
    holds = named and SCHEMES[named[0]].holds
    return holds is None or (named is not None and holds(named[1]))
