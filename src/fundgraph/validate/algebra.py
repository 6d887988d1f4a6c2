"""What a query in full SPARQL says of its focus node, read from its algebra.

The parser that this needs is slow to import and to use: only a query that :mod:`fundgraph.validate.recognise` does not
know is read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyparsing import ParseBaseException
from rdflib import URIRef, Variable
from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, Path, SequencePath
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import SPARQLError

from fundgraph.validate.shapes import NotCompilableError

_THIS = Variable("this")
_MANY_OF_ONE = frozenset({"Slice", "Reduced"})


def predicates_of(query: str) -> frozenset[str] | None:
    """Return all predicates that a query looks at; ``None`` if it may look at any.

    Raises :class:`NotCompilableError` for a query that cannot be read, or that might mean something else for all focus
    nodes than for one.
    """
    try:
        algebra = translateQuery(parseQuery(query)).algebra
    except (ParseBaseException, SPARQLError, RecursionError) as error:
        raise NotCompilableError("a query cannot be read") from error
    if algebra.name != "SelectQuery" or _THIS not in algebra.PV:
        raise NotCompilableError("a query does not select $this")
    _binds(algebra.p, within=False)
    return _predicates(algebra)


def _binds(node: CompValue, *, within: bool) -> bool:
    """Tell whether a pattern surely binds ``$this``; ``within``: it stands where it is bound already.

    Raises :class:`NotCompilableError` where an expression looks at ``$this`` before that.
    """
    name = node.name
    if name in _MANY_OF_ONE:
        raise NotCompilableError("a query counts off its solutions")
    if name == "BGP":
        return any(_THIS in triple for triple in node.triples)
    if name in ("Join", "Union", "LeftJoin"):
        left, right = _binds(node.p1, within=within), _binds(node.p2, within=within)
        bound = (left or right) if name == "Join" else left and (right or name == "LeftJoin")
        if name == "LeftJoin":
            _expression(node.expr, bound=left or right or within)
        return bound
    if name in ("Filter", "Extend"):
        bound = _binds(node.p, within=within)
        if name == "Extend" and node.var == _THIS:
            raise NotCompilableError("a query binds $this anew")
        _expression(node.expr, bound=bound or within)
        return bound
    if name in ("Distinct", "OrderBy"):
        return _binds(node.p, within=within)
    if name == "Project":
        if _THIS not in node.PV:
            raise NotCompilableError("a query within a query does not select $this")
        return _binds(node.p, within=within)
    if name == "ToMultiSet" and node.p.name == "values":
        return all(_THIS in row for row in node.p.res)
    if name == "ToMultiSet" and isinstance(node.p, CompValue):
        return _binds(node.p, within=False)
    if name == "AggregateJoin":
        groups = node.p.expr or []
        if _THIS not in groups:
            raise NotCompilableError("a query counts without grouping by $this")
        bound = _binds(node.p.p, within=within)
        _expression(node.A, bound=bound or within)
        return bound
    raise NotCompilableError(f"a query with {name}")


def _expression(expression: object, *, bound: bool) -> None:
    for part in _parts(expression):
        if part == _THIS and not bound:
            raise NotCompilableError("an expression looks at $this where it is not bound")
        if isinstance(part, CompValue) and part.name in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
            _binds(part.graph, within=bound)


def _parts(expression: object) -> Iterator[object]:
    """Yield an expression and what is in it, down to the patterns of EXISTS, but not into these."""
    yield expression
    if isinstance(expression, CompValue):
        if not expression.name.endswith("EXISTS"):
            for value in expression.values():
                yield from _parts(value)
    elif isinstance(expression, (list, tuple)):
        for value in expression:
            yield from _parts(value)


def _predicates(algebra: object) -> frozenset[str] | None:
    """Return all predicates that a query looks at; ``None`` if it may look at any."""
    found: set[str] = set()
    todo: list[object] = [algebra]
    while todo:
        part = todo.pop()
        if isinstance(part, CompValue):
            if part.name == "BGP":
                for _, predicate, _ in part.triples:
                    names = _names(predicate)
                    if names is None:
                        return None
                    found.update(names)
            todo += [value for key, value in part.items() if key not in ("triples", "_vars", "PV")]
        elif isinstance(part, (list, tuple)):
            todo += part
    return frozenset(found)


def _names(predicate: object) -> Iterable[str] | None:
    """Return the IRIs of a predicate or path; ``None`` if it may be any."""
    if isinstance(predicate, URIRef):
        return [str(predicate)]
    parts: Iterable[object]
    if isinstance(predicate, (SequencePath, AlternativePath)):
        parts = predicate.args
    elif isinstance(predicate, MulPath):
        parts = [predicate.path]
    elif isinstance(predicate, InvPath):
        parts = [predicate.arg]
    else:
        assert isinstance(predicate, (Variable, NegatedPath, Path)), predicate
        return None
    found: list[str] = []
    for part in parts:
        names = _names(part)
        if names is None:
            return None
        found += names
    return found
