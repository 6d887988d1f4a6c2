"""REST targets: how the answers of ORCID, OpenAlex, ROR, OpenAIRE and pages of GEPRIS are read as things to compare.

Each reader is given the address of the service and the path that searches for a name. What a service leaves out is left out;
what has another shape than its documentation says is an error of the target, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import lxml.html

from fundgraph.errors import TargetError
from fundgraph.link.asking import Asker
from fundgraph.link.entities import Entity

__all__ = ["READERS"]

_MOST = 20
_MOST_PAGES = 5
_TERM = re.compile(r"(?:Term|Förderung)\D{0,40}?(?:since|seit|from|von)\s+(\d{4})(?:\s+(?:to|bis)\s+(\d{4}))?")
Reader = Callable[[Asker, str, str, str, str], Iterator[Entity]]


def _asked(asker: Asker, address: str, path: str, name: str) -> Any:
    return asker.json(address.rstrip("/") + path.replace("{name}", quote(name, safe="")))


def _at(data: Any, *path: str | int) -> Any:
    """Return what lies at a path in JSON; ``None`` where the path ends early."""
    for part in path:
        if isinstance(data, Mapping) and isinstance(part, str):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return None
    return data


def _list(data: Any, *path: str | int) -> list[Any]:
    found = _at(data, *path)
    return found if isinstance(found, list) else []


def _texts(values: Iterator[Any] | list[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.strip() for value in values if isinstance(value, str) and value.strip()))


def _items(data: Any, service: str, *path: str) -> list[Any]:
    """Return the list of hits. Raises :class:`TargetError` where there is none: then the answer is of another kind."""
    if data is None:
        return []
    found = _at(data, *path)
    if found is None and isinstance(data, Mapping) and set(path) <= set(data):
        return []
    if not isinstance(found, list):
        raise TargetError(f"the answer has no list {'.'.join(path)}", where=service)
    return found[:_MOST]


def _years(*values: Any) -> tuple[int, int] | None:
    years = [int(str(value)[:4]) for value in values if str(value or "")[:4].isdigit()]
    return (min(years), max(years)) if years else None


def read_orcid(asker: Asker, address: str, path: str, kind: str, name: str) -> Iterator[Entity]:
    """Yield people of ORCID: a search for iDs, then the public record of each."""
    for hit in _items(_asked(asker, address, path, name), "ORCID", "result"):
        orcid = _at(hit, "orcid-identifier", "path")
        if not isinstance(orcid, str):
            raise TargetError("a hit has no orcid-identifier", where="ORCID")
        record = asker.json(f"{address.rstrip('/')}/{orcid}/record")
        if record is not None:
            yield orcid_record(record)


def orcid_record(record: Any) -> Entity:
    """Return the person of a record of ORCID."""
    orcid = _at(record, "orcid-identifier", "path")
    given, family = (
        _at(record, "person", "name", "given-names", "value"),
        _at(record, "person", "name", "family-name", "value"),
    )
    credit = _at(record, "person", "name", "credit-name", "value")
    if not isinstance(orcid, str) or not (given or credit):
        raise TargetError("a record has no iD or no name", where="ORCID")
    activities = _at(record, "activities-summary")
    jobs = [
        _at(summary, part)
        for kind, part in (("employments", "employment-summary"), ("educations", "education-summary"))
        for group in _list(activities, kind, "affiliation-group")
        for summary in _list(group, "summaries")
    ]
    funded = [one for group in _list(activities, "fundings", "group") for one in _list(group, "funding-summary")]
    works = [one for group in _list(activities, "works", "group") for one in _list(group, "work-summary")]
    numbers = [
        _at(number, "external-id-value")
        for one in funded
        for number in _list(one, "external-ids", "external-id")
        if _at(number, "external-id-type") == "grant_number"
    ]
    dates = [_at(one, when, "year", "value") for one in jobs for when in ("start-date", "end-date")]
    dates += [_at(work, "publication-date", "year", "value") for work in works]
    others = [_at(one, "content") for one in _list(record, "person", "other-names", "other-name")]
    return Entity(
        f"https://orcid.org/{orcid}", "person", f"{given} {family}".strip() if family else str(given or credit),
        other_names=_texts([credit, *others]),
        affiliations=_texts([_at(job, "organization", "name") for job in jobs]),
        topics=_texts([_at(one, "content") for one in _list(record, "person", "keywords", "keyword")]),
        titles=_texts([_at(one, "title", "title", "value") for one in [*works, *funded]]),
        grants=_texts(numbers), identifiers=(f"https://orcid.org/{orcid}",), years=_years(*dates),
    )  # fmt: skip


def read_openalex(asker: Asker, address: str, path: str, kind: str, name: str) -> Iterator[Entity]:
    """Yield authors, institutions or awards of OpenAlex."""
    for hit in _items(_asked(asker, address, path, name), "OpenAlex", "results"):
        iri, label = _at(hit, "id"), _at(hit, "display_name")
        if not isinstance(iri, str) or not isinstance(label, str):
            raise TargetError("a hit has no id or no display_name", where="OpenAlex")
        places = [_at(one, "institution", "display_name") for one in _list(hit, "affiliations")]
        places += [_at(one, "display_name") for one in _list(hit, "last_known_institutions")]
        active = [year for one in _list(hit, "affiliations") for year in _list(one, "years")]
        identifiers = [_at(hit, "orcid"), _at(hit, "ror"), _at(hit, "ids", "wikidata")]
        yield Entity(
            iri, kind, label,
            other_names=_texts(_list(hit, "display_name_alternatives")), affiliations=_texts(places),
            topics=_texts([_at(one, "display_name") for one in _list(hit, "topics")]),
            companions=_texts([_at(hit, "lead_investigator", "display_name")]),
            grants=_texts([_at(hit, "funder_award_id")]), identifiers=_texts(identifiers),
            years=_years(*active, _at(hit, "start_year"), _at(hit, "end_year")),
            note=f"{hit['works_count']} works" if isinstance(_at(hit, "works_count"), int) else "",
        )  # fmt: skip


def read_ror(asker: Asker, address: str, path: str, kind: str, name: str) -> Iterator[Entity]:
    """Yield organisations of ROR (its version 2), with the place and the coordinates that it states."""
    for hit in _items(_asked(asker, address, path, name), "ROR", "items"):
        hit = _at(hit, "organization") or hit
        iri, names = _at(hit, "id"), _list(hit, "names")
        shown = [_at(one, "value") for one in names if "ror_display" in _list(one, "types")]
        if not isinstance(iri, str) or not shown:
            raise TargetError("a hit has no id or no name that is displayed", where="ROR")
        place = _at(hit, "locations", 0, "geonames_details")
        where = ", ".join(_texts([_at(place, "name"), _at(place, "country_name")]))
        latitude, longitude = _at(place, "lat"), _at(place, "lng")
        both = isinstance(latitude, int | float) and isinstance(longitude, int | float)
        if both:
            where += f" ({latitude:.4f}, {longitude:.4f})"
        status = _at(hit, "status")
        yield Entity(
            iri, kind, str(shown[0]),
            other_names=_texts([_at(one, "value") for one in names if _at(one, "value") != shown[0] and "acronym" not in _list(one, "types")]),
            identifiers=(iri,), place=(float(latitude), float(longitude)) if both else None,
            note="; ".join(_texts([where, status if status != "active" else None])),
        )  # fmt: skip


def read_openaire(asker: Asker, address: str, path: str, kind: str, name: str) -> Iterator[Entity]:
    """Yield projects of OpenAIRE."""
    for hit in _items(_asked(asker, address, path, name), "OpenAIRE", "results"):
        identifier, title = _at(hit, "id"), _at(hit, "title")
        if not isinstance(identifier, str) or not isinstance(title, str):
            raise TargetError("a hit has no id or no title", where="OpenAIRE")
        funders = [_at(one, "shortName") for one in _list(hit, "fundings")]
        yield Entity(
            f"https://explore.openaire.eu/search/project?projectId={quote(identifier, safe=':')}", kind, title,
            other_names=_texts([_at(hit, "acronym")]), grants=_texts([_at(hit, "code")]),
            topics=_texts(_list(hit, "subjects")), years=_years(_at(hit, "startDate"), _at(hit, "endDate")),
            note=", ".join(_texts(funders)),
        )  # fmt: skip


def read_gepris(asker: Asker, address: str, path: str, kind: str, name: str) -> Iterator[Entity]:
    """Yield projects of GEPRIS: the hits on the page of a search, each with what its own page links to.

    GEPRIS has pages and no interface for programs; read are only links to its projects, people and institutions.
    """
    page = asker.text(address.rstrip("/") + path.replace("{name}", quote(name, safe="")))
    for number, title in list(_links(page, "projekt").items())[:_MOST_PAGES]:
        iri = f"https://gepris.dfg.de/gepris/projekt/{number}"
        own = asker.text(f"{address.rstrip('/')}/gepris/projekt/{number}")
        years = _TERM.search(own or "")
        yield Entity(
            iri, kind, title,
            companions=tuple(_links(own, "person").values()), affiliations=tuple(_links(own, "institution").values()),
            grants=(number,), identifiers=(iri,), years=_years(*years.groups()) if years else None,
        )  # fmt: skip


def _links(page: str | None, part: str) -> dict[str, str]:
    """Return the links of a page to things of GEPRIS: number and text."""
    if not page or not page.strip():
        return {}
    found: dict[str, str] = {}
    anchors: Iterable[Any] = lxml.html.fromstring(page).iter("a")
    for anchor in anchors:
        match = re.search(rf"/gepris/{part}/(\d+)", anchor.get("href") or "")
        text = " ".join(anchor.text_content().split())
        if match and text:
            found.setdefault(match[1], text)
    return found


#: The readers by the name that the table of targets calls them by.
READERS: Mapping[str, Reader] = {
    "orcid": read_orcid,
    "openalex": read_openalex,
    "ror": read_ror,
    "openaire": read_openaire,
    "gepris": read_gepris,
}
