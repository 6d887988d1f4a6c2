"""Make of a ``sh:sparql`` constraint, which is meant for one thing at a time, one query for all things at once.

SHACL puts each focus node into the query in the place of ``$this``. Here the pattern of the targets is put at the head
of the query instead. Both give the same wherever ``$this`` is surely bound by a pattern before an expression looks at
it; whether it is, is read from the query's algebra, and a query of which that cannot be said is left to pySHACL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rdflib import OWL, SH, Graph, Literal
from rdflib.term import Node

from fundgraph.validate.nesting import nest
from fundgraph.validate.recognise import TOKEN, Looks, compares, recognise
from fundgraph.validate.shapes import NotCompilableError, read_messages, truth

_REFUSED = frozenset({"minus", "values", "service", "graph", "from", "base", "prefix"})
_RESERVED = frozenset({"shapesGraph", "currentShape"})
#: The prefixes that rdflib knows undeclared, and pySHACL with it.
_DEFAULTS = {name: str(space) for name, space in Graph().namespaces()}


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
    from fundgraph.validate.algebra import predicates_of  # with a parser, which takes as long as all the rest

    found = predicates_of(query)
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
