"""The W3C's test cases for SHACL, and what the validators make of them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rdflib import SH, XSD, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from fundgraph.errors import RdfError
from fundgraph.store.scratch import Scratch
from fundgraph.validate import compiled, reference
from fundgraph.validate.outcome import Outcome
from fundgraph.validate.paths import path_sparql

ROOT = Path(__file__).resolve().parent.parent
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
#: Cases that neither validator passes, each with the reason.
NOT_PASSED = {
    "uniqueLang-002": 'asks that `"1"^^xsd:boolean` be not true, and rdflib reads it as true',
    "shapesGraph-001": "pySHACL does not have `$shapesGraph`",
}
Key = tuple[object, ...]
#: What a validator finds, and the shapes that it left to pySHACL.
Found = tuple[Counter[Key], frozenset[Node]]


@dataclass(frozen=True)
class Case:
    """One test case: its group (``core/node``), the files of data and shapes, and what is expected."""

    id: str
    group: str
    data: str
    shapes: str
    iri: str
    file: str


def folder() -> Path | None:
    """Return the folder of the SHACL suite, None if it is not here."""
    given = os.environ.get("FUNDGRAPH_SUITES")
    roots = [Path(given)] if given else [ROOT.parent / "shared/suites", ROOT.parent.parent / "shared/suites"]
    return next((root / "shacl" for root in roots if (root / "shacl" / "manifest.ttl").is_file()), None)


@cache
def read(iri: str) -> Graph:
    """Read one file of the suite, given by its IRI."""
    return Graph().parse(iri.removeprefix("file://"), format="turtle", publicID=iri)


def cases() -> Iterator[Case]:
    """Yield all test cases, in the order of the manifests."""
    found = folder()
    if found is not None:
        yield from _cases((found / "manifest.ttl").resolve().as_uri(), found.resolve().as_uri())


def _cases(manifest: str, root: str) -> Iterator[Case]:
    graph = read(manifest)
    for included in sorted(graph.objects(URIRef(manifest), MF.include)):
        yield from _cases(str(included), root)
    for head in graph.objects(URIRef(manifest), MF.entries):
        for entry in Collection(graph, head):
            action = graph.value(entry, MF.action)
            files = [str(graph.value(action, part)) for part in (SHT.dataGraph, SHT.shapesGraph)]
            group = manifest.removeprefix(root).strip("/").rsplit("/", 1)[0]
            yield Case(str(entry).rsplit("/", 1)[-1], group, *files, str(entry), manifest)


def key(outcome: Outcome, shapes: Graph, *, messages: bool = True) -> Key:
    """Return what two results that are the same have in common."""
    path = None if outcome.path is None else path_sparql(shapes, outcome.path)
    texts = frozenset(map(str, outcome.messages)) if messages else None
    terms = [_plain(term) for term in (outcome.focus, outcome.value, outcome.shape)]
    return (*terms, path, outcome.component, outcome.severity, texts)


def _plain(term: Node | None) -> Node | None:
    return Literal(str(term)) if isinstance(term, Literal) and term.datatype == XSD.string else term


def by_pyshacl(data: Graph, shapes: Graph, *, messages: bool = True) -> Found:
    """Return what pySHACL finds. Raises :class:`RdfError` for shapes that it refuses."""
    found = list(reference.outcomes(reference.in_memory(data), shapes))
    return Counter(key(outcome, shapes, messages=messages) for outcome in found), frozenset()


def by_compiled(data: Graph, shapes: Graph, *, messages: bool = True) -> Found:
    """Return what compiled shapes find. Raises :class:`RdfError` for shapes that pySHACL refuses too."""
    engine = Scratch.of_graph(data)
    plan = compiled.plan_for(engine, shapes)
    left_out = dict(plan.left_out)
    found = list(compiled.outcomes(engine, shapes, plan, left_out))
    return Counter(key(outcome, shapes, messages=messages) for outcome in found), frozenset(left_out)


def passes(case: Case, validator: Callable[..., Found]) -> tuple[bool, frozenset[Node]]:
    """Tell whether a validator gives the expected report, result by result, and what it left to pySHACL."""
    data, shapes, manifest = read(case.data), read(case.shapes), read(case.file)
    expected = manifest.value(URIRef(case.iri), MF.result)
    try:
        found, left_out = validator(data, shapes, messages=False)
    except RdfError:
        return expected == SHT.Failure, frozenset()
    if expected is None or expected == SHT.Failure:
        return False, left_out
    wanted = Counter(_expected(manifest, node, shapes) for node in manifest.objects(expected, SH.result))
    return wanted == found, left_out


def _expected(manifest: Graph, node: Node, shapes: Graph) -> Key:
    component = str(manifest.value(node, SH.sourceConstraintComponent)).rsplit("#", 1)[-1]
    path = manifest.value(node, SH.resultPath)
    outcome = Outcome(
        focus=_one(manifest, node, SH.focusNode),
        path=None,
        value=manifest.value(node, SH.value),
        shape=_one(manifest, node, SH.sourceShape),
        component=component.removesuffix("ConstraintComponent"),
        severity=URIRef(str(manifest.value(node, SH.resultSeverity))),
        messages=(),
    )
    wanted = key(outcome, shapes, messages=False)
    return (*wanted[:3], None if path is None else path_sparql(manifest, path), *wanted[4:])


def _one(graph: Graph, node: Node, predicate: URIRef) -> Node:
    value = graph.value(node, predicate)
    assert value is not None, f"{predicate} is not told of {node}"
    return value
