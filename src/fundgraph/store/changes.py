"""Changes to a store: an update, or a write of the Graph Store Protocol. The part that runs inside a worker.

Only pyoxigraph and the standard library are imported here, as in :mod:`fundgraph.store.evaluate`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import pyoxigraph as ox

from fundgraph.store.altered import altered
from fundgraph.store.evaluate import GRAPHS, Stopped
from fundgraph.store.nesting import fault as unfit
from fundgraph.store.scan import MAX_DEPTH, Scan, Token, position, scan, top_tokens

KINDS = ("update", "put", "post", "delete")
_MARKUP = ("turtle", "trig")


@dataclass(frozen=True, slots=True)
class Part:
    """RDF to be written: the name of its format, and its bytes. ``base`` resolves its relative IRIs."""

    format: str
    data: bytes
    base: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be changed; ``graph`` is ``None`` for the default graph."""

    kind: str
    text: str = ""
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()
    base: str | None = None
    graph: str | None = None
    parts: tuple[Part, ...] = ()

    def encode(self) -> bytes:
        """Return the change as it crosses to another process."""
        fields = asdict(self)
        for part in fields["parts"]:
            part["data"] = base64.b64encode(part["data"]).decode("ascii")
        return json.dumps(fields).encode()

    @classmethod
    def decode(cls, data: bytes) -> Change:
        """Return the change that :meth:`encode` wrote."""
        fields = json.loads(data)
        parts = tuple(Part(p["format"], base64.b64decode(p["data"]), p["base"]) for p in fields.pop("parts"))
        for name in ("using", "using_named"):
            fields[name] = tuple(fields[name])
        return cls(**fields, parts=parts)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change did: whether its graph is new, and where to find the result."""

    created: bool = False
    release: str = ""
    altered: int = 0
    """How many different literals are kept by their value, and come back otherwise than they were written."""
    examples: tuple[tuple[str, str], ...] = ()
    """The first of them, as written and as kept."""


def apply(store: ox.Store, change: Change) -> Outcome:
    """Apply a change to a store and tell what it did. Raises :class:`Stopped`."""
    try:
        if change.kind == "update":
            _update(store, change)
            return Outcome()
        return _write_graph(store, change)
    except Stopped:
        raise
    except SyntaxError as error:
        raise Stopped("syntax", str(error)) from error
    except RuntimeError as error:  # a graph to be made that is there already, or not there to be dropped
        raise Stopped("conflict", str(error)) from error
    except (OSError, ValueError, MemoryError) as error:
        raise Stopped("engine", str(error)) from error


def _update(store: ox.Store, change: Change) -> None:
    text = with_using(change.text, change.using, change.using_named)
    if text != change.text:
        ox.Store().update(change.text, base_iri=change.base)  # for a message about the text as it was written
    store.update(text, base_iri=change.base)


def _write_graph(store: ox.Store, change: Change) -> Outcome:
    graph = ox.DefaultGraph() if change.graph is None else ox.NamedNode(change.graph)
    existed = exists(store, change.graph)
    if change.kind == "delete":
        if not existed and change.graph is not None:
            raise Stopped("absent", f"there is no graph <{change.graph}>")
        if isinstance(graph, ox.NamedNode):
            store.remove_graph(graph)
        else:
            store.clear_graph(graph)
        return Outcome()
    quads = list(parsed(change.parts, graph))
    if change.kind == "put":
        store.clear_graph(graph)
    if isinstance(graph, ox.NamedNode):
        store.add_graph(graph)  # also an empty one is there
    store.extend(quads)
    number, examples = altered(quads)
    return Outcome(created=not existed, altered=number, examples=tuple(examples))


def exists(store: ox.Store, graph: str | None) -> bool:
    """Tell whether a graph is there; the default graph, if anything is in it."""
    if graph is not None:
        return store.contains_named_graph(ox.NamedNode(graph))
    return next(store.quads_for_pattern(None, None, None, ox.DefaultGraph()), None) is not None


def parsed(parts: Sequence[Part], graph: ox.NamedNode | ox.DefaultGraph) -> Iterator[ox.Quad]:
    """Yield the statements of RDF documents, all in one graph; each document's blank nodes are its own.

    Raises :class:`Stopped` of kind ``data`` for a document that is broken, or that names graphs.
    """
    for part in parts:
        wrong = unfit(part.data, part.format)
        if wrong is not None:
            raise Stopped("data", wrong)
        try:
            yield from [ox.Quad(quad.subject, quad.predicate, quad.object, graph) for quad in _quads(part)]
        except (SyntaxError, ValueError, OSError) as error:
            raise Stopped("data", str(error)) from error


def _quads(part: Part) -> list[ox.Quad]:
    try:
        return _read(part, part.data)
    except SyntaxError:
        # The W3C's own cases of 2013 leave the last full stop out. Nothing else is mended.
        if part.format not in _MARKUP or part.data.rstrip().endswith((b".", b"}")):
            raise
        try:
            return _read(part, part.data + b" .\n")
        except SyntaxError:
            pass
        return _read(part, part.data)  # the first message is the one about the text as it was sent


def _read(part: Part, data: bytes) -> list[ox.Quad]:
    quads = list(ox.parse(data, format=GRAPHS[part.format], base_iri=part.base, rename_blank_nodes=True))
    if any(quad.graph_name != ox.DefaultGraph() for quad in quads):
        raise ValueError("the document names graphs, but what is written goes into one")
    return quads


def with_using(text: str, using: Sequence[str], named: Sequence[str]) -> str:
    """Return an update with the dataset of the protocol's parameters written into its operations.

    >>> with_using("DELETE WHERE { ?s ?p 1 } ; INSERT DATA { <a:a> <a:b> 2 }", ["a:g"], [])
    'DELETE { ?s ?p 1 } USING <a:g> WHERE { ?s ?p 1 } ; INSERT DATA { <a:a> <a:b> 2 }'
    """
    if not using and not named:
        return text
    clauses = "".join(f"USING <{iri}> " for iri in using) + "".join(f"USING NAMED <{iri}> " for iri in named)
    tokens = top_tokens(text)
    pieces: list[str] = []
    at = 0
    for index, token in enumerate(tokens):
        if token.kind != "word" or token.text != "where":
            continue
        pieces.append(text[at : token.start])
        at = token.start
        if index and tokens[index - 1].text == "delete":
            pieces.append(_braces(text, tokens[index + 1 :]) + " ")
        pieces.append(clauses)
    return "".join(pieces) + text[at:]


def _braces(text: str, tokens: Sequence[Token]) -> str:
    """The group that begins with the first token."""
    end = next((token.end for token in tokens if token.text == "}"), len(text))
    return text[tokens[0].start : end] if tokens else ""


def fault(text: str) -> tuple[str, str, int] | None:
    """Return what is wrong with an update before it runs: kind, words and offset; ``None`` if nothing is.

    The kinds are ``syntax``, ``service``, ``load``.
    """
    seen: Scan = scan(text)
    if seen.depth > MAX_DEPTH:
        return "syntax", f"nested too deeply: {seen.depth} levels; at most {MAX_DEPTH} are allowed", seen.deepest
    if seen.service is not None:
        return "service", "SERVICE is not allowed in an update", seen.service
    before: Token | None = None
    for token in top_tokens(text):
        # The engine's parser knows no word boundaries, so LOADex:a loads too.
        begins = before is None or before.text == ";" or before.kind in ("iri", "string")
        if begins and token.kind in ("word", "pname") and token.text.lower().startswith("load"):
            return "load", "LOAD is not allowed: nothing is fetched from outside", token.start
        before = token
    if seen.form in ("select", "ask", "construct", "describe"):
        return "syntax", f"{seen.operation.upper()} is a query, not an update", seen.start
    return None


def names_dataset(text: str) -> bool:
    """Tell whether an update says with USING or WITH what it reads, which the protocol's parameters then may not."""
    return any(token.kind == "word" and token.text in ("using", "with") for token in top_tokens(text))


def place(text: str, offset: int) -> tuple[int, int]:
    """Return line and column of an offset."""
    return position(text, offset)
