"""pySHACL, the reference: the only module that imports it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from rdflib import RDF, SH, BNode, Dataset, Graph, Literal, URIRef
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.plugins.stores.memory import Memory
from rdflib.term import Node

from fundgraph.errors import RdfError
from fundgraph.validate.outcome import Outcome
from fundgraph.validate.paths import compact

UNCOMPARED = (
    "pySHACL does not compare blank nodes: "
    "name the thing that sh:lessThan or sh:lessThanOrEquals meets, or take the validator `compiled`"
)
#: pySHACL compares values that Python cannot compare, such as a whole number with ``"x"^^xsd:integer``.
INCOMPARABLE = (
    "pySHACL cannot compare some values of the data: mend the literals that are not of their datatype, "
    "or take the validator `compiled`"
)


@lru_cache(maxsize=1024)
def _parsed(query: str, names: tuple[tuple[str, URIRef], ...]) -> Query:
    """Return a query parsed with some prefixes: rdflib takes longer for that than to answer it of a small graph."""
    return prepareQuery(query, initNs=dict(names))


class _Memory(Graph):
    """A graph in rdflib's store that parses each query once; pySHACL asks the same for every focus node."""

    def query(self, query_object: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer a query, with the parsed form of one seen before."""
        if isinstance(query_object, str):
            query_object = _parsed(query_object, tuple(self.namespaces()))
        return super().query(query_object, *args, **kwargs)


def in_memory(data: Graph) -> Graph:
    """Return the data as one graph in rdflib's own store: on others, pySHACL compares plain literals wrongly."""
    if not isinstance(data, Dataset) and isinstance(data.store, Memory):
        return _Memory(data.store, data.identifier)
    memory = _Memory()
    quads: Iterable[tuple[Any, ...]] = data.quads((None, None, None, None)) if isinstance(data, Dataset) else data
    for quad in quads:
        memory.add(quad[:3])
    return memory


def outcomes(data: Graph, shapes: Graph, where: Path | None = None) -> Iterator[Outcome]:
    """Yield what pySHACL finds in a graph as :func:`in_memory` returns it.

    Raises :class:`RdfError` if the shapes are broken.
    """
    report = _run(data, shapes, where)
    for node in report.objects(report.value(None, RDF.type, SH.ValidationReport), SH.result):
        if isinstance(node, (URIRef, BNode)):
            yield _outcome(report, node, shapes)


def _run(data: Graph, shapes: Graph, where: Path | None) -> Graph:
    """Return pySHACL's report graph."""
    import pyshacl
    from pyparsing import ParseBaseException
    from pyshacl.errors import ReportableRuntimeError

    broken = (ReportableRuntimeError, ParseBaseException, NotImplementedError, re.error)
    try:
        with warnings.catch_warnings():
            # Python before 3.14 only warns that such a comparison has no answer, and takes it for true.
            warnings.filterwarnings("error", "NotImplemented should not be used", DeprecationWarning)
            _, report, text = pyshacl.validate(
                data, shacl_graph=shapes, inplace=True, inference="none", advanced=False
            )
    except (TypeError, ArithmeticError, DeprecationWarning) as error:
        raise RdfError(INCOMPARABLE, where=where) from error
    except broken as error:
        what = next(iter(str(error).splitlines()), type(error).__name__)
        if "to compare a BlankNode" in what:
            raise RdfError(UNCOMPARED, where=where) from error
        raise RdfError(f"the shapes cannot be used: {what}", where=where) from error
    if not isinstance(report, Graph):
        raise RdfError(f"the shapes cannot be used: {text}", where=where)
    return report


def _outcome(report: Graph, node: Node, shapes: Graph) -> Outcome:
    shape = _needed(report, node, SH.sourceShape)
    path = report.value(node, SH.resultPath)
    return Outcome(
        focus=_needed(report, node, SH.focusNode),
        # A path that is no single property is another node here than in the shapes.
        path=path if isinstance(path, URIRef) or path is None else shapes.value(shape, SH.path) or path,
        value=report.value(node, SH.value),
        shape=shape,
        component=str(_needed(report, node, SH.sourceConstraintComponent))
        .rsplit("#", 1)[-1]
        .removesuffix("ConstraintComponent"),
        severity=URIRef(str(_needed(report, node, SH.resultSeverity))),
        messages=tuple(m for m in report.objects(node, SH.resultMessage) if isinstance(m, Literal)),
        source=report.value(node, SH.sourceConstraint),
    )


def _needed(graph: Graph, subject: Node, predicate: URIRef) -> Node:
    value = graph.value(subject, predicate)
    if value is None:
        raise RdfError(f"a result without {compact(predicate)}")
    return value
