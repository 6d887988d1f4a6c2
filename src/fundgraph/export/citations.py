"""Citations: the publications as BibTeX and CSL-JSON, and the release as DataCite's metadata have it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from fundgraph.export.identifying import Release, Resolver, authors_of, nothing, same_as
from fundgraph.export.things import Things

#: What TeX would read as a command, and what stands for it.
_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
_SCHEMA = "http://datacite.org/schema/kernel-4"
_YEAR = re.compile(r"-?[0-9]{4,}")


def bibtex(things: Things, resolve: Resolver = nothing) -> Iterator[bytes]:
    """Yield the publications as entries of BibTeX, with the end of their IRIs for keys."""
    for thing in things.of_class("fg:Publication"):
        identifiers = dict(things.identifiers(thing))
        arxiv, doi = identifiers.get("arxiv"), identifiers.get("doi")
        urls = same_as(things, thing, resolve)
        fields = {
            "title": f"{{{_tex(things.label(thing))}}}",
            "author": " and ".join(_tex_name(name) for name in authors_of(things, thing)),
            "year": things.text(thing, "fg:year") or "",
            "doi": doi or "",
            "eprint": arxiv or "",
            "archiveprefix": "arXiv" if arxiv else "",
            "url": urls[0] if urls else "",
        }
        lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
        key = re.sub(r"[^A-Za-z0-9:.+/-]", "-", thing.rpartition("/")[2])
        yield f"@misc{{{key},\n{''.join(lines)}}}\n\n".encode()


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in " ".join(text.split()))


def _tex_name(name: str) -> str:
    """Return a name for BibTeX, to which the word ``and`` between spaces divides names."""
    text = _tex(name)
    return f"{{{text}}}" if re.search(r"\band\b", text) or "," in text else text


def csl(things: Things, resolve: Resolver = nothing) -> Iterator[bytes]:
    """Yield the publications as CSL-JSON. Names stay as they were printed: where a family name begins is not known."""
    items = []
    for thing in things.of_class("fg:Publication"):
        identifiers = dict(things.identifiers(thing))
        year = things.text(thing, "fg:year") or ""
        urls = same_as(things, thing, resolve)
        item: dict[str, Any] = {"id": thing, "type": "article", "title": things.label(thing)}
        authors = authors_of(things, thing)
        if authors:
            item["author"] = [{"literal": name} for name in authors]
        if _YEAR.fullmatch(year):
            item["issued"] = {"date-parts": [[int(year)]]}
        if "doi" in identifiers:
            item["DOI"] = identifiers["doi"]
        if urls:
            item["URL"] = urls[0]
        if "arxiv" in identifiers:
            item["number"], item["publisher"] = f"arXiv:{identifiers['arxiv']}", "arXiv"
        items.append(item)
    yield (json.dumps(items, ensure_ascii=False, indent=1) + "\n").encode()


def datacite(things: Things, release: Release, resolve: Resolver = nothing) -> Iterator[bytes]:
    """Yield the metadata of the release as DataCite's schema 4.5 has them, in JSON; a DOI is for whoever mints one."""
    funders = []
    for programme in things.of_class("fg:Programme"):
        funder = things.iri(programme, "fg:funder")
        if funder is not None:
            one: dict[str, str] = {"funderName": things.label(funder)}
            identifiers = dict(things.identifiers(funder))
            for scheme, type_ in (("ror", "ROR"), ("crossref-funder", "Crossref Funder ID")):
                iri = resolve(scheme, identifiers[scheme]) if scheme in identifiers else None
                if iri is not None and "funderIdentifier" not in one:
                    one |= {"funderIdentifier": iri, "funderIdentifierType": type_}
            number = things.text(programme, "fg:code")
            funders.append(
                one | ({"awardNumber": number} if number else {}) | {"awardTitle": things.label(programme)}
            )
    related = [
        {"relatedIdentifier": iri, "relatedIdentifierType": "URL", "relationType": "IsDerivedFrom"}
        for iri in sorted(
            {iri for one in things.of_class("fg:Document") for iri in things.iris(one, "dcterms:source")}
        )
    ]
    maker = {"name": release.name, "nameType": "Organizational"}
    document: dict[str, Any] = {
        "schemaVersion": _SCHEMA,
        "types": {"resourceType": "Knowledge graph", "resourceTypeGeneral": "Dataset"},
        "creators": [maker],
        "titles": [{"title": release.title, "lang": "en"}],
        "publisher": {"name": release.name},
        "publicationYear": release.day[:4],
        "dates": [{"date": release.day, "dateType": "Issued"}],
        "language": "en",
        "version": release.id,
        "descriptions": [{"description": release.description, "descriptionType": "Abstract", "lang": "en"}],
        "subjects": [{"subject": word, "lang": "en"} for word in _subjects(things)],
        "formats": ["application/n-quads"],
        "alternateIdentifiers": [
            {"alternateIdentifier": release.base, "alternateIdentifierType": "URL"},
            {"alternateIdentifier": release.hash, "alternateIdentifierType": "SHA-256 of the canonical N-Quads"},
        ],
        "relatedIdentifiers": related,
        "rightsList": [{"rightsUri": release.licence}] if release.licence else [],
        "fundingReferences": funders,
    }
    kept = {key: value for key, value in document.items() if value}
    yield (json.dumps(kept, ensure_ascii=False, indent=1) + "\n").encode()


def _subjects(things: Things) -> list[str]:
    """Return the names of the topics at the top of their scheme."""
    return sorted(
        {things.label(topic) for topic in things.of_class("fg:Topic") if things.iris(topic, "skos:topConceptOf")}
    )
