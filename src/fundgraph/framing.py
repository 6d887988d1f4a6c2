"""JSON-LD to be read by people: framed, with short names, and with nothing fetched from anywhere.

A frame (``ontology/frames/<kind>.jsonld``) says which of a thing's parts stand inside of it. The answer carries
those terms of ``ontology/context.jsonld`` that it uses, so that whoever reads it needs no other file either.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from fundgraph import assets
from fundgraph.errors import RdfError
from fundgraph.export.framed import framed_thing, shape_of
from fundgraph.export.jsonld import Terms, used_terms
from fundgraph.export.lines import written
from fundgraph.export.things import Triple, read_triples

__all__ = ["CONTEXT", "context", "frame_of", "framed", "framed_briefly", "framed_by_processor", "load_document"]

#: The address of the context; it is read from the package, whatever is asked for under it.
CONTEXT = "https://w3id.org/fundgraph/ontology/context.jsonld"
_ALWAYS = "@always"


@cache
def _read(name: str) -> str:
    return (assets.ontology_dir() / name).read_text(encoding="utf-8")


def context() -> dict[str, Any]:
    """Return the context's terms."""
    terms: dict[str, Any] = json.loads(_read("context.jsonld"))["@context"]
    return terms


def frame_of(kind: str, iri: str | None = None) -> dict[str, Any]:
    """Return the frame for a kind of things (``project``, …), or for just one of them.

    A kind that has no frame of its own gets one that puts all that is known of a thing inside of it.
    """
    path = assets.ontology_dir() / "frames" / f"{kind}.jsonld"
    frame: dict[str, Any] = {"@context": CONTEXT, "@embed": _ALWAYS, "@omitDefault": True}
    if path.is_file():
        frame = json.loads(_read(f"frames/{kind}.jsonld"))
    if iri is not None:
        frame.pop("type", None)
        frame["id"] = iri
    return frame


def load_document(url: str, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Load the context from the package, and refuse to load anything else: the loader for a JSON-LD processor."""
    if url != CONTEXT:
        raise RdfError(f"JSON-LD names the context {url}, and none is fetched", allowed=(CONTEXT,))
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": {"@context": context()},
    }


@cache
def _terms() -> Terms:
    return Terms(context())


def framed(triples: str, frame: Mapping[str, Any]) -> dict[str, Any]:
    """Return canonical N-Triples in the shape of a frame, with the part of the context that is used.

    Numbers and truth values are JSON's own. What a frame names and a thing does not have is left out.
    Raises :class:`RdfError` for triples or a frame that are none.
    """
    result = framed_briefly(read_triples(triples.encode()), frame)
    return {"@context": used_terms(context(), result)} | result


def framed_briefly(triples: Sequence[Triple], frame: Mapping[str, Any]) -> dict[str, Any]:
    """Return sorted triples, their terms as N-Triples writes them, in the shape of a frame; without the context."""
    shape = shape_of(frame, _terms()) if "id" in frame and frame.get("@context") == CONTEXT else None
    found = None if shape is None else framed_thing(triples, str(frame["id"]), shape, _terms())
    if found is None:
        found = framed_by_processor(b"".join(written(triples)).decode(), frame)
    return {key: value for key, value in found.items() if key != "@context"}


def framed_by_processor(triples: str, frame: Mapping[str, Any]) -> dict[str, Any]:
    """Return N-Triples in the shape of any frame, by a processor that knows all of JSON-LD, in its own time."""
    from pyld import jsonld

    parse = jsonld.JsonLdProcessor.parse_nquads
    options = {"documentLoader": load_document}
    try:
        # All lines at once would be compared with each other, each with each.
        parsed = [one for line in triples.split("\n") for one in parse(line).get("@default", ())]
        nodes = jsonld.from_rdf({"@default": parsed}, {"useNativeTypes": True} | options)
        result: dict[str, Any] = jsonld.frame(
            nodes, dict(frame), {"omitGraph": True, "omitDefault": True} | options
        )
    except jsonld.JsonLdError as error:
        raise RdfError(f"cannot be framed: {error.type}") from error
    return result
