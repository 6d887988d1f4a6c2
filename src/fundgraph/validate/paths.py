"""Property paths of SHACL: as SPARQL to run, and as short text to read."""

from __future__ import annotations

from collections.abc import Callable

from rdflib import RDF, SH, Graph, URIRef
from rdflib.term import Node

from fundgraph.validate.shapes import NotCompilableError, items
from fundgraph.vocab import prefixes

_STEPS = (
    (SH.inversePath, "^{}"), (SH.zeroOrMorePath, "{}*"), (SH.oneOrMorePath, "{}+"), (SH.zeroOrOnePath, "{}?"),
)  # fmt: skip


def compact(term: Node) -> str:
    """Return an IRI as a prefixed name where one of our prefixes fits, else as it is.

    >>> from fundgraph.vocab import FG
    >>> compact(FG.title)
    'fg:title'
    """
    text = str(term)
    for prefix, namespace in prefixes("").items():
        rest = text.removeprefix(namespace)
        if "://" in namespace and rest != text and rest.replace("-", "").replace("_", "").isalnum():
            return f"{prefix}:{rest}"
    return text


def path_text(shapes: Graph, path: Node) -> str:
    """Write a property path short, with prefixes and few brackets: ``fg:nextPhase*/fg:title``."""
    return _write(shapes, path, compact, brackets=False)


def path_sparql(shapes: Graph, path: Node) -> str:
    """Write a property path as SPARQL with whole IRIs. Raises :class:`NotCompilableError` for what is none."""
    return _write(shapes, path, lambda iri: f"<{iri}>", brackets=True)


def _write(
    shapes: Graph, path: Node, iri: Callable[[Node], str], *, brackets: bool, around: tuple[Node, ...] = ()
) -> str:
    if path in around:
        raise NotCompilableError("a path goes round in a circle")
    if isinstance(path, URIRef):
        return iri(path)

    def inside(part: Node) -> str:
        return _write(shapes, part, iri, brackets=brackets, around=(*around, path))

    if (path, RDF.first, None) in shapes:
        text = "/".join(inside(step) for step in _several(shapes, path))
        return f"({text})" if brackets else text
    for predicate, form in _STEPS:
        inner = shapes.value(path, predicate)
        if inner is not None:
            text = inside(inner)
            step = form.format(text if isinstance(inner, URIRef) else f"({text})")
            return f"({step})" if brackets else step
    choices = shapes.value(path, SH.alternativePath)
    if choices is None:
        raise NotCompilableError("a property path that SHACL does not know")
    text = "|".join(inside(choice) for choice in _several(shapes, choices))
    return f"({text})" if brackets or around else text


def _several(shapes: Graph, head: Node) -> list[Node]:
    parts = items(shapes, head)
    if len(parts) < 2:
        raise NotCompilableError("a path in parts has fewer than two")
    return parts
