"""Make of a ``sh:sparql`` constraint, which is meant for one thing at a time, one query for all things at once.

SHACL puts each focus node into the query in the place of ``$this``. Here the pattern of the targets is put at the head
of the query instead. Both give the same wherever ``$this`` is surely bound by a pattern before an expression looks at
it; whether it is, is read from the query's algebra, and a query of which that cannot be said is left to pySHACL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pyparsing import ParseBaseException
from rdflib import OWL, SH, Graph, Literal, URIRef, Variable
from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, Path, SequencePath
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import SPARQLError
from rdflib.term import Node

from fundgraph.validate.nesting import nest
from fundgraph.validate.recognise import TOKEN, Looks, compares, recognise
from fundgraph.validate.shapes import NotCompilableError, read_messages, truth

_THIS = Variable("this")
_REFUSED = frozenset({"minus", "values", "service", "graph", "from", "base", "prefix"})
_RESERVED = frozenset({"shapesGraph", "currentShape"})
#: The prefixes that rdflib knows undeclared, and pySHACL with it.
_DEFAULTS = {name: str(space) for name, space in Graph().namespaces()}
_MANY_OF_ONE = frozenset({"Slice", "Reduced"})


@dataclass(frozen=True, slots=True)
class Select:
    """A query for all focus nodes, the constraint's own messages, and what it looks at."""

    query: str
    messages: tuple[Literal, ...]
    looks: Looks


def compile_select(shapes: Graph, node: Node, targets: str, path: str | None) -> Select | None:
    """Return the query of a SPARQL constraint; nothing if it is deactivated.

    Raises :class:`NotCompilableError` for a query that might mean something else for all things than for one.
    """
    if any(truth(term) for term in shapes.objects(node, SH.deactivated)):
        return None
    selects = list(shapes.objects(node, SH.select))
    if len(selects) != 1 or not isinstance(selects[0], Literal):
        raise NotCompilableError("a SPARQL constraint has no one sh:select")
    text = str(selects[0])
    declared = dict(_prefixes(shapes, node))
    own, known = read_messages(shapes, node), _DEFAULTS | declared
    looks = recognise(text, known) if path is None else None
    used = {token["prefix"] for token in TOKEN.finditer(text) if token["prefix"] is not None}
    prologue = "".join(f"PREFIX {name}: <{known[name]}>\n" for name in sorted(used & known.keys()))
    query = prologue + _with_targets(text, targets, path)
    if looks is not None:
        careful = None if looks.careful is None else nest(prologue + _with_targets(looks.careful, targets, path))
        return Select(query, own, replace(looks, careful=careful))
    if unknown := used - known.keys() - {"_"}:
        raise NotCompilableError(f"a query with the unknown prefix {min(unknown)}:")
    try:
        algebra = translateQuery(parseQuery(query)).algebra
    except (ParseBaseException, SPARQLError, RecursionError) as error:
        raise NotCompilableError("a query cannot be read") from error
    if algebra.name != "SelectQuery" or _THIS not in algebra.PV:
        raise NotCompilableError("a query does not select $this")
    _binds(algebra.p, within=False)
    found = _predicates(algebra)
    return Select(query, own, Looks(found, found, None if compares(text) else ()))


def _prefixes(shapes: Graph, node: Node) -> Iterator[tuple[str, str]]:
    todo, seen = list(shapes.objects(node, SH.prefixes)), set[Node]()
    while todo:
        ontology = todo.pop()
        if ontology in seen:
            continue
        seen.add(ontology)
        todo += shapes.objects(ontology, OWL.imports)
        for declaration in shapes.objects(ontology, SH.declare):
            names = list(shapes.objects(declaration, SH.prefix))
            spaces = list(shapes.objects(declaration, SH.namespace))
            if len(names) != 1 or len(spaces) != 1:
                raise NotCompilableError("a prefix is not declared as it should be")
            yield str(names[0]), str(spaces[0])


def _with_targets(text: str, targets: str, path: str | None) -> str:
    """Return a query with a pattern at the head of its outermost group, and the path in the place of ``$PATH``."""
    out: list[str] = []
    opened = False
    for token in TOKEN.finditer(text):
        piece = token[0]
        if (token["word"] or "").lower() in _REFUSED or (token["variable"] or "")[1:] in _RESERVED:
            raise NotCompilableError(f"a query with {piece}")
        if (token["variable"] or "")[1:] == "PATH":
            if path is None:
                raise NotCompilableError("a query with $PATH in a node shape")
            piece = path
        if piece == "{" and not opened:
            opened = True
            piece = f"{{ {targets if targets.endswith(('}', '.')) else targets + ' .'} "
        out.append(piece)
    return "".join(out)


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
