"""SPARQL expressions that are true of a value which a shape does not let pass.

Every expression is either true or false, never an error, so that expressions can be put together with ``!``, ``&&``
and ``||``. What SPARQL and pySHACL might see differently is found by SPARQL and decided by a function of
:mod:`fundgraph.validate.predicates`, which the query calls by an IRI.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import combinations

from rdflib import RDF, RDFS, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from fundgraph.literals import AS_WRITTEN, INTERPRETED, is_kept
from fundgraph.validate.paths import path_sparql
from fundgraph.validate.predicates import (
    Test,
    compares,
    has_datatype,
    is_language,
    is_less,
    matches,
    portable,
)  # fmt: skip
from fundgraph.validate.shapes import (
    Constraint,
    NotCompilableError,
    Shape,
    items,
    read_shape,
    truth,
    whole_number,
)  # fmt: skip

_ILLEGAL_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_KINDS = {
    SH.IRI: "isIRI({0})", SH.BlankNode: "isBlank({0})", SH.Literal: "isLiteral({0})",
    SH.BlankNodeOrIRI: "!isLiteral({0})", SH.BlankNodeOrLiteral: "!isIRI({0})", SH.IRIOrLiteral: "!isBlank({0})",
}  # fmt: skip
_OPERATORS = {"MinInclusive": ">=", "MinExclusive": ">", "MaxInclusive": "<=", "MaxExclusive": "<"}
#: Numbers that SPARQL compares as Python does; other numbers are loaded as they are written and asked of Python.
_NUMBERS = (XSD.integer, XSD.decimal)
#: How many values a nested shape may count, each of which takes a variable of its own.
_MOST_NESTED = 3


def term_text(term: Node) -> str:
    """Write a term for a query on data whose literals are kept as they are written."""
    if isinstance(term, URIRef) and not _ILLEGAL_IRI.search(term):
        return f"<{term}>"
    if not isinstance(term, Literal):
        raise NotCompilableError(f"{term} cannot stand in a query")
    text = '"' + "".join(_ESCAPES.get(char, char) for char in str(term)) + '"'
    if term.language:
        return f"{text}@{term.language}"
    if term.datatype is None or term.datatype == XSD.string:
        return text
    kept = is_kept(str(term), str(term.datatype))
    return f"{text}^^{term_text(URIRef(term.datatype if kept else AS_WRITTEN + term.datatype))}"


class Expressions:
    """Writes the expressions of one shapes graph; gathers the functions that they call."""

    def __init__(
        self, shapes: Graph, subclasses: Mapping[Node, Iterable[Node]], custom: Collection[Node] = ()
    ) -> None:
        self.shapes = shapes
        self.custom = custom
        self.subclasses = subclasses
        self.functions: dict[str, Test] = {}
        self._variables = 0
        self._around: list[Node] = []

    def variable(self) -> str:
        """Return a variable that no query has yet."""
        self._variables += 1
        return f"?v{self._variables}"

    def call(self, test: Test, *arguments: str) -> str:
        """Return an expression that asks a function of ours."""
        iri = f"urn:fundgraph:test:{len(self.functions)}"
        self.functions[iri] = test
        return f"<{iri}>({', '.join(arguments)})"

    def path(self, shape: Shape) -> str:
        """Return the path of a property shape."""
        if shape.path is None:
            raise NotCompilableError("a node shape stands where a property shape is needed")
        return path_sparql(self.shapes, shape.path)

    def shape(self, node: Node) -> Shape:
        """Read a shape."""
        return read_shape(self.shapes, node, self.custom)

    def instance(self, variable: str, classes: Sequence[Node]) -> str:
        """Return a pattern that has a solution for each class, or subclass of it, which the variable is of."""
        terms = [term_text(term) for term in self._kinds(classes)]
        if len(terms) == 1:
            return f"{variable} <{RDF.type}> {terms[0]} ."
        kind_of = self.variable()
        return f"VALUES {kind_of} {{ {' '.join(terms)} }} {variable} <{RDF.type}> {kind_of} ."

    def _kinds(self, classes: Sequence[Node]) -> list[Node]:
        """Return classes and all those below them that a query can name."""
        wider = {str(sub): sub for kind in classes for sub in (kind, *self.subclasses.get(kind, ()))}
        return [wider[key] for key in sorted(wider) if not isinstance(wider[key], BNode)]

    def fails(self, node: Node, value: str) -> str:
        """Return an expression that is true if the value does not conform to a shape."""
        if node in self._around:
            raise NotCompilableError("a shape refers to itself")
        self._around.append(node)
        try:
            shape = self.shape(node)
            if shape.deactivated:
                return "false"
            parts = [self._fails_constraint(shape, constraint, value) for constraint in shape.constraints]
        finally:
            self._around.pop()
        return f"({' || '.join(parts)})" if parts else "false"

    def _fails_constraint(self, shape: Shape, constraint: Constraint, focus: str) -> str:
        if constraint.component == "Closed":
            return self._not_closed(shape, focus)
        if shape.path is None:
            if constraint.component in ("Equals", "Disjoint", "HasValue"):
                return self._of_node(constraint, focus)
            return self.bad_value(constraint, focus)
        path = self.path(shape)
        if constraint.component in ("MinCount", "MaxCount"):
            return self._nested_count(constraint, focus, path, None)
        if constraint.component in ("QualifiedMinCount", "QualifiedMaxCount"):
            return self._nested_count(constraint, focus, path, self.qualified(shape))
        if constraint.component in ("Equals", "Disjoint", "LessThan", "LessThanOrEquals", "UniqueLang"):
            pattern = self.bad_pair(shape, constraint, focus, self.variable(), self.variable())
            return self._exists(pattern)
        if constraint.component == "HasValue":
            return f"NOT EXISTS {{ {focus} {path} {term_text(constraint.value)} }}"
        value = self.variable()
        bad = self.bad_value(constraint, value)
        return f"EXISTS {{ {focus} {path} {value} . FILTER ({bad}) }}"

    def _not_closed(self, shape: Shape, focus: str) -> str:
        """A node shape closes the focus node, a property shape the values of its path."""
        closed = focus if shape.path is None else self.variable()
        pattern = self.not_closed(shape, closed, self.variable(), self.variable())
        if pattern and shape.path is not None:
            pattern = f"{focus} {self.path(shape)} {closed} . {pattern}"
        return self._exists(pattern)

    def _exists(self, pattern: str) -> str:
        return f"EXISTS {{ {pattern} }}" if pattern else "false"

    def _of_node(self, constraint: Constraint, focus: str) -> str:
        term = term_text(constraint.value)
        if constraint.component == "HasValue":
            return f"(!sameTerm({focus}, {term}))"
        other = self.variable()
        if constraint.component == "Disjoint":
            return f"EXISTS {{ {focus} {term} {other} . FILTER (sameTerm({focus}, {other})) }}"
        same, different = f"sameTerm({focus}, {other})", f"!sameTerm({focus}, {other})"
        return (
            f"(NOT EXISTS {{ {focus} {term} {other} . FILTER ({same}) }} "
            f"|| EXISTS {{ {focus} {term} {other} . FILTER ({different}) }})"
        )

    def _nested_count(
        self, constraint: Constraint, focus: str, path: str, wanted: Callable[[str], str] | None
    ) -> str:
        limit = whole_number(constraint.value)
        least = constraint.component.endswith("MinCount")
        number = limit if least else limit + 1
        if number > _MOST_NESTED:
            raise NotCompilableError(f"a nested shape counts up to {number}")
        if number == 0:
            return "false"
        values = [self.variable() for _ in range(number)]
        filters = [f"!sameTerm({one}, {other})" for one, other in combinations(values, 2)]
        filters += [wanted(value) for value in values] if wanted else []
        pattern = " ".join(f"{focus} {path} {value} ." for value in values)
        pattern += f" FILTER ({' && '.join(filters)})" if filters else ""
        return f"{'NOT ' if least else ''}EXISTS {{ {pattern} }}"

    def qualified(self, shape: Shape) -> Callable[[str], str]:
        """Return what writes the expression that a value is one of those which a qualified shape counts."""
        wanted = list(self.shapes.objects(shape.node, SH.qualifiedValueShape))
        if len(wanted) != 1:
            raise NotCompilableError("a qualified count is of several shapes")
        siblings: set[Node] = set()
        if any(truth(term) for term in self.shapes.objects(shape.node, SH.qualifiedValueShapesDisjoint)):
            for parent in self.shapes.subjects(SH.property, shape.node):
                for sister in self.shapes.objects(parent, SH.property):
                    siblings |= set(self.shapes.objects(sister, SH.qualifiedValueShape))
        siblings -= set(wanted)

        def counts(value: str) -> str:
            parts = [f"!{self.fails(wanted[0], value)}"]
            return " && ".join(parts + [self.fails(sister, value) for sister in sorted(siblings, key=str)])

        return counts

    def not_closed(self, shape: Shape, focus: str, predicate: str, value: str) -> str:
        """Return a pattern that binds each predicate which a closed shape does not allow; empty if it is not closed."""
        if not all(truth(term) for term in self.shapes.objects(shape.node, SH.closed)):
            return ""
        allowed = {
            term
            for head in self.shapes.objects(shape.node, SH.ignoredProperties)
            for term in items(self.shapes, head)
        }
        for inner in self.shapes.objects(shape.node, SH.property):
            allowed |= set(self.shapes.objects(inner, SH.path))
        terms = ", ".join(sorted(term_text(term) for term in allowed if isinstance(term, URIRef)))
        resource = f"{predicate} = <{RDF.type}> && sameTerm({value}, <{RDFS.Resource}>)"
        return f"{focus} {predicate} {value} . FILTER ({predicate} NOT IN ({terms}) && !({resource}))"

    def bad_pair(self, shape: Shape, constraint: Constraint, focus: str, value: str, other: str) -> str:
        """Return a pattern that binds each bad value of a path, as other values of the same thing make it bad."""
        path = self.path(shape)
        if constraint.component == "UniqueLang":
            if not truth(constraint.value):
                return ""
            twin = self.variable()
            same = (
                f'LANG({value}) != "" && LCASE(LANG({value})) = LCASE(LANG({twin})) && !sameTerm({value}, {twin})'
            )
            pair = f"{focus} {path} {value} . {focus} {path} {twin} ."
            return f"{pair} FILTER ({same}) BIND (LCASE(LANG({value})) AS {other})"
        term = term_text(constraint.value)
        if not isinstance(constraint.value, URIRef):
            raise NotCompilableError("a property to compare with is no IRI")
        here, there = f"{focus} {path} {value} .", f"{focus} {term} {value} ."
        if constraint.component == "Disjoint":
            return f"{here} {there}"
        if constraint.component == "Equals":
            return (
                f"{{ {here} FILTER NOT EXISTS {{ {there} }} }} UNION {{ {there} FILTER NOT EXISTS {{ {here} }} }}"
            )
        operator = "<=" if constraint.component == "LessThanOrEquals" else "<"
        asked = self.call(is_less(or_equal=operator == "<="), value, other)
        numbers = f"DATATYPE({value}) IN ({_iris(_NUMBERS)}) && {value} {operator} {other}"
        return f"{here} {focus} {term} {other} . FILTER (!IF(COALESCE({numbers}, false), true, {asked}))"

    def bad_value(self, constraint: Constraint, value: str) -> str:
        """Return an expression that is true of a value which a constraint of single values does not let pass."""
        if constraint.component == "Pattern":
            return self._pattern(constraint, value)
        writer: Callable[[Node, str], str] | None = getattr(self, f"_{constraint.component.lower()}", None)
        if constraint.component in _OPERATORS:
            return self._compare(_OPERATORS[constraint.component], constraint.value, value)
        if writer is None:
            raise NotCompilableError(f"{constraint.component} within another shape")
        return writer(constraint.value, value)

    def _class(self, kind: Node, value: str) -> str:
        terms = [term_text(term) for term in self._kinds([kind])]
        return f"({' && '.join(f'NOT EXISTS {{ {value} <{RDF.type}> {term} }}' for term in terms)})"

    def _datatype(self, datatype: Node, value: str) -> str:
        if not isinstance(datatype, URIRef):
            raise NotCompilableError("a datatype is no IRI")
        if datatype == RDFS.Literal:
            return f"(!isLiteral({value}))"
        if datatype == RDFS.Datatype:
            raise NotCompilableError("sh:datatype rdfs:Datatype")
        good = f"isLiteral({value}) && DATATYPE({value}) = {term_text(datatype)}"
        if str(datatype) in INTERPRETED:
            return f"(!IF({good}, true, {self.call(has_datatype(datatype), value)}))"
        return f"(!({good}))"

    def _nodekind(self, kind: Node, value: str) -> str:
        form = _KINDS.get(URIRef(str(kind)))
        if form is None:
            raise NotCompilableError(f"{kind} is no kind of node")
        return f"(!({form.format(value)}))"

    def _compare(self, operator: str, bound: Node, value: str) -> str:
        if not isinstance(bound, Literal):
            raise NotCompilableError("a bound is no literal")
        asked = self.call(compares(operator, bound), value)
        if bound.datatype not in _NUMBERS or not isinstance(bound.value, int | Decimal):
            return f"(!{asked})"
        # Only numbers are compared natively: SPARQL orders more kinds of literals than pySHACL does.
        numbers = f"DATATYPE({value}) IN ({_iris(_NUMBERS)}) && {value} {operator} {bound.value}"
        return f"(!IF(COALESCE({numbers}, false), true, {asked}))"

    def _minlength(self, length: Node, value: str) -> str:
        number = whole_number(length)
        return f"(isBlank({value}) || STRLEN(STR({value})) < {number})" if number else "false"

    def _maxlength(self, length: Node, value: str) -> str:
        return f"(isBlank({value}) || STRLEN(STR({value})) > {whole_number(length)})"

    def _pattern(self, constraint: Constraint, value: str) -> str:
        if not isinstance(constraint.value, Literal):
            raise NotCompilableError("a pattern is no literal")
        test = matches(str(constraint.value), constraint.flags)
        native = None if constraint.flags else portable(str(constraint.value))
        if native is None:
            return f"(!{self.call(test, value)})"
        return f"(isBlank({value}) || !REGEX(STR({value}), {term_text(Literal(native))}))"

    def _languagein(self, head: Node, value: str) -> str:
        tags = items(self.shapes, head)
        if not all(isinstance(tag, Literal) and isinstance(tag.value, str) for tag in tags):
            raise NotCompilableError("a language is no string")
        return f"(!{self.call(is_language(frozenset(str(tag).lower() for tag in tags)), value)})"

    def _in(self, head: Node, value: str) -> str:
        same = [f"sameTerm({value}, {term_text(term)})" for term in items(self.shapes, head)]
        return f"(!({' || '.join(same)}))" if same else "true"

    def _not(self, node: Node, value: str) -> str:
        return f"(!{self.fails(node, value)})"

    def _node(self, node: Node, value: str) -> str:
        if self.shape(node).path is not None:
            raise NotCompilableError("sh:node leads to a property shape")
        return self.fails(node, value)

    def _property(self, node: Node, value: str) -> str:
        if self.shape(node).path is None:
            raise NotCompilableError("sh:property leads to a node shape")
        return self.fails(node, value)

    def _members(self, head: Node, value: str) -> list[str]:
        members = items(self.shapes, head)
        if not members:
            raise NotCompilableError("a list of shapes is empty")
        return [self.fails(member, value) for member in members]

    def _and(self, head: Node, value: str) -> str:
        return f"({' || '.join(self._members(head, value))})"

    def _or(self, head: Node, value: str) -> str:
        return f"({' && '.join(self._members(head, value))})"

    def _xone(self, head: Node, value: str) -> str:
        passed = " + ".join(f"IF({fails}, 0, 1)" for fails in self._members(head, value))
        return f"(({passed}) != 1)"


def _iris(terms: Iterable[URIRef]) -> str:
    return ", ".join(f"<{term}>" for term in terms)
