"""RO-Crate 1.1: a release as a folder that says of itself what it is and what each of its files is for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fundgraph.export.identifying import Release, Resolver, nothing, same_as
from fundgraph.export.things import Things

METADATA = "ro-crate-metadata.json"
_CONTEXT = "https://w3id.org/ro/crate/1.1/context"
#: Names of schema.org's that the context of 1.1 does not have yet.
_NEWER = {name: f"http://schema.org/{name}" for name in ("copyrightNotice", "creditText", "sha256")}
_PROFILE = "https://w3id.org/ro/crate/1.1"


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the crate."""

    name: str
    content: bytes
    media_type: str
    title: str
    says: str


def crate(
    things: Things,
    release: Release,
    parts: Sequence[Part],
    generator: tuple[str, str],
    resolve: Resolver = nothing,
) -> dict[str, bytes]:
    """Return the files of the crate, its description among them; ``generator`` is our name and version."""
    files = {part.name: part.content for part in parts}
    maker = {"@id": f"{release.base}programme"} if release.base else {"@id": "#programme"}
    folders = _folders(parts)
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": release.title,
        "description": release.description,
        "datePublished": release.day,
        "version": release.id,
        "identifier": release.hash,
        "author": maker,
        "publisher": maker,
        **({"license": {"@id": release.licence}} if release.licence else {"license": "No licence is stated."}),
        "mainEntity": {"@id": parts[0].name},
        "hasPart": [{"@id": name} for name in [*(part.name for part in parts), *folders]],
        "isBasedOn": _named(_sources(things)),
        "creditText": f"{release.title}, release {release.id}",
        "mentions": {"@id": "#made"},
    }
    graph: list[Mapping[str, Any]] = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": _PROFILE},
            "description": "What this folder holds, as an RO-Crate.",
        },
        {key: value for key, value in root.items() if value},
        *(_file(part) for part in parts),
        *folders.values(),
        {
            "@id": maker["@id"],
            "@type": "Organization",
            "name": release.name,
            "url": _homepage(things) or release.base,
            **_funded(things, resolve),
        },
        *_funders(things, resolve),
        *_sources(things),
        *_licence(release),
        {
            "@id": "#fundgraph",
            "@type": "SoftwareApplication",
            "name": generator[0],
            "version": generator[1],
            "url": "https://w3id.org/fundgraph/ontology",
        },
        {
            "@id": "#made",
            "@type": "CreateAction",
            "name": "The graph was made of the documents",
            "instrument": {"@id": "#fundgraph"},
            "object": _named(_sources(things)),
            "result": {"@id": parts[0].name},
        },
    ]
    text = json.dumps({"@context": [_CONTEXT, _NEWER], "@graph": graph}, ensure_ascii=False, indent=1) + "\n"
    return {**files, METADATA: text.encode()}


def _file(part: Part) -> Mapping[str, Any]:
    return {
        "@id": part.name,
        "@type": "File",
        "name": part.title,
        "description": part.says,
        "encodingFormat": part.media_type,
        "contentSize": str(len(part.content)),
        "sha256": hashlib.sha256(part.content).hexdigest(),
    }


def _folders(parts: Sequence[Part]) -> dict[str, Mapping[str, Any]]:
    """Return the folders that files lie in, by their ids, which end with a slash."""
    held: dict[str, list[str]] = {}
    for part in parts:
        folder, slash, _ = part.name.rpartition("/")
        if slash:
            held.setdefault(f"{folder}/", []).append(part.name)
    return {
        folder: {
            "@id": folder,
            "@type": "Dataset",
            "name": folder.rstrip("/"),
            "description": f"The files in {folder}",
            "hasPart": [{"@id": name} for name in names],
        }
        for folder, names in sorted(held.items())
    }


def _funded(things: Things, resolve: Resolver) -> Mapping[str, Any]:
    funders = _named(_funders(things, resolve))
    return {"funder": funders} if funders else {}


def _named(nodes: Sequence[Mapping[str, Any]]) -> object:
    """Return references to nodes: one alone, several in an array."""
    found = [{"@id": node["@id"]} for node in nodes]
    return found[0] if len(found) == 1 else found


def _homepage(things: Things) -> str | None:
    """Return the first page of a programme, the shortest if it has several."""
    pages = [page for one in things.of_class("fg:Programme") for page in things.iris(one, "fg:homepage")]
    return min(pages, key=lambda page: (len(page), page)) if pages else None


def _funders(things: Things, resolve: Resolver) -> list[Mapping[str, Any]]:
    found = {iri for programme in things.of_class("fg:Programme") for iri in things.iris(programme, "fg:funder")}
    nodes: list[Mapping[str, Any]] = []
    for iri in sorted(found):
        node: dict[str, Any] = {"@id": iri, "@type": "Organization", "name": things.label(iri)}
        homepage, elsewhere = things.iri(iri, "fg:homepage"), same_as(things, iri, resolve)
        nodes.append(
            node | ({"url": homepage} if homepage else {}) | ({"sameAs": elsewhere[0]} if elsewhere else {})
        )
    return nodes


def _sources(things: Things) -> list[Mapping[str, Any]]:
    """Return the documents that were read. Their texts are not in the crate: the rights are others'."""
    nodes: list[Mapping[str, Any]] = []
    for document in things.of_class("fg:Document"):
        sha256, source = things.text(document, "fg:sha256"), things.iri(document, "dcterms:source")
        rights = things.text(document, "dcterms:rights")
        nodes.append(
            {
                "@id": document,
                "@type": "CreativeWork",
                "name": things.label(document),
                **({"url": source} if source else {}),
                **({"sha256": sha256} if sha256 else {}),
                **({"copyrightNotice": rights} if rights else {}),
            }
        )
    return nodes


def _licence(release: Release) -> list[Mapping[str, Any]]:
    if not release.licence:
        return []
    name = release.licence.rstrip("/").removeprefix("https://").removeprefix("http://")
    return [
        {
            "@id": release.licence,
            "@type": "CreativeWork",
            "name": name,
            "description": "The licence of the data; of the documents that were read the rights are others'.",
            "url": release.licence,
        }
    ]
