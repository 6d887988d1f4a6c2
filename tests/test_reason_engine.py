"""The engine over odd and large input, and what our closure holds."""

from __future__ import annotations

import pytest
from rdflib import OWL, RDF, BNode, Graph, Literal, URIRef

from fundgraph.errors import InconsistencyError, RdfError, UsageError
from fundgraph.reason import ENGINES, infer
from fundgraph.reason.closure import Closure
from fundgraph.reason.front import name_of, node_of, read_lines
from fundgraph.reason.plan import to_sql
from fundgraph.reason.profile import outside_of_profile
from fundgraph.reason.rules_engine import closure_of, infer_with_rules
from fundgraph.reason.values import DATATYPES, ILL_TYPED, in_space, subsumed, value_of
from tests.ontologies import E
from tests.test_reason_agreement import turtle

RDFNS = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"


def short(graph: Graph) -> set[str]:
    """Return triples by their local names."""
    return {" ".join(str(term).rpartition("/")[2].rpartition("#")[2] for term in triple) for triple in graph}


def test_engines() -> None:
    """The engines are rules and disk, of which auto chooses, and owlrl; another one is refused, with those there are."""
    assert ENGINES == ("auto", "disk", "owlrl", "rules")
    with pytest.raises(UsageError, match="allowed: auto, disk, owlrl, rules"):
        infer(Graph(), "magic")


def test_the_graph_stays_as_it_is() -> None:
    """Inferring returns only what is new, and changes nothing."""
    graph = turtle(":A rdfs:subClassOf :B . :a a :A .")
    inferred = infer(graph)
    assert len(graph) == 2
    assert short(inferred) == {"a type B"}


def test_what_the_closure_leaves_out() -> None:
    """No literal subjects, blank nodes, reflexive statements, owl:Thing or datatypes are in the closure."""
    graph = turtle(
        ":A a owl:Class ; rdfs:subClassOf [ a owl:Class ; owl:unionOf ( :B :C ) ] . :a a :A . _:x a :A ."
        " :p rdfs:range xsd:integer ; a owl:DatatypeProperty . :a :p 1 . :q owl:inverseOf :p ."
    )
    assert short(infer(graph)) == set()


def test_nothing_in_it() -> None:
    """From nothing follows nothing."""
    assert len(infer(Graph())) == 0
    assert len(infer(turtle(":a :p :b ."))) == 0


@pytest.mark.parametrize("count", [1, 2, 40])
def test_circles_of_classes_and_properties(count: int) -> None:
    """In a circle of classes or properties each lies in each other."""
    lines = [
        f":C{n} rdfs:subClassOf :C{(n + 1) % count} . :p{n} rdfs:subPropertyOf :p{(n + 1) % count} ."
        for n in range(count)
    ]
    inferred = short(infer(turtle(" ".join(lines) + " :a a :C0 ; :p0 :b .")))
    assert {one for one in inferred if one.startswith("a type")} == {f"a type C{n}" for n in range(1, count)}
    assert {one for one in inferred if one.endswith(" b")} == {f"a p{n} b" for n in range(1, count)}
    assert len({one for one in inferred if "equivalentClass" in one}) == count * (count - 1)


def test_a_list_without_an_end() -> None:
    """From a list that runs in a circle nothing follows, and the construct is named."""
    graph = turtle(f":C owl:intersectionOf :l . :l <{RDFNS}first> :A ; <{RDFNS}rest> :l . :a a :C .")
    assert short(infer(graph)) == set()
    (outside,) = outside_of_profile(closure_of(graph).engine.facts)
    assert (outside.subject, outside.construct) == (f"<{E}C>", "owl:intersectionOf")
    assert "does not end" in str(outside)


def test_a_list_with_two_tails() -> None:
    """A list that branches is taken in each of its readings, and named."""
    graph = turtle(
        f":C owl:unionOf :l . :l <{RDFNS}first> :A ; <{RDFNS}rest> () , :m . :m <{RDFNS}first> :B ; <{RDFNS}rest> () ."
        " :a a :B ."
    )
    assert "a type C" in short(infer(graph))
    assert "branches" in str(outside_of_profile(closure_of(graph).engine.facts)[0])


def test_a_shared_list() -> None:
    """Two axioms may share a list."""
    graph = turtle(f":C owl:unionOf :l . :D owl:unionOf :l . :l <{RDFNS}first> :A ; <{RDFNS}rest> () . :a a :A .")
    assert {"a type C", "a type D"} <= short(infer(graph))


def test_thousands_of_same_things() -> None:
    """Thousands of names of one thing are held by one; writing them all out is refused when it is too much."""
    lines = [f":n{number} owl:sameAs :n{number + 1} ." for number in range(5000)]
    graph = turtle(":n5000 :p :x . " + " ".join(lines))
    held = infer_with_rules(graph, expand=False)
    assert len(held) == 5000 + 1  # each is n0, and n0 has the value
    assert (URIRef(E + "n0"), URIRef(E + "p"), URIRef(E + "x")) in held
    with pytest.raises(UsageError, match="representatives"):
        infer(graph)


def test_same_things_are_written_out() -> None:
    """What is said of a thing is said of each of its names, as subject, property and value."""
    inferred = short(infer(turtle(":a owl:sameAs :b . :p owl:sameAs :q . :a :p :a .")))
    assert {f"{s} {p} {o}" for s in "ab" for p in "pq" for o in "ab"} - inferred == {"a p a"}
    assert {"b sameAs a", "q sameAs p"} <= inferred


def test_the_languages_own_terms_as_things() -> None:
    """A property that is the same as rdf:type gives types; one below owl:sameAs makes things the same."""
    assert "a type C" in short(infer(turtle(f":is owl:sameAs <{RDFNS}type> . :a :is :C .")))
    assert "b p c" in short(infer(turtle(":alias rdfs:subPropertyOf owl:sameAs . :a :alias :b . :a :p :c .")))


def test_a_property_is_found_to_be_transitive() -> None:
    """What is inferred about the ontology takes effect."""
    graph = turtle(":Kind rdfs:subClassOf owl:TransitiveProperty . :p a :Kind . :a :p :b . :b :p :c .")
    assert {"a p c", "p type TransitiveProperty"} <= short(infer(graph))


def test_a_property_as_a_class() -> None:
    """A property may be a class, too."""
    graph = turtle(":p rdfs:subClassOf :C . :p rdfs:domain :p . :a :p :b .")
    assert {"a type p", "a type C"} <= short(infer(graph))


def test_literals_as_subjects() -> None:
    """A property with literal values may have an inverse; what is said of literals is used, and not shown."""
    graph = turtle(':p owl:inverseOf :q . :q rdfs:range :Named . :a :p "x" .')
    assert short(infer(graph)) == {"a type Named", "q inverseOf p"} - {"q inverseOf p"}


def test_everything_is_a_thing_where_types_are_asked_for() -> None:
    """What follows from any type follows from owl:Thing too."""
    graph = turtle(f":A a owl:Class . :a a :A . <{RDFNS}type> rdfs:subPropertyOf :is .")
    assert {"a is A", "a is Thing"} <= short(infer(graph))


def test_everything_is_a_thing_where_it_matters() -> None:
    """What owl:Thing lies in holds of the members of classes."""
    assert "a type Any" in short(infer(turtle(":A a owl:Class . :a a :A . owl:Thing rdfs:subClassOf :Any .")))


@pytest.mark.parametrize(
    "literal", ['"x"^^xsd:integer', '"2021-02-30T00:00:00"^^xsd:dateTime', '"maybe"^^xsd:boolean']
)
def test_ill_typed_literals(literal: str) -> None:
    """A literal that its own datatype does not hold is one clear message, with the triple."""
    with pytest.raises(InconsistencyError, match="dt-not-type") as caught:
        infer(turtle(f":a :p {literal} ."))
    assert caught.value.premises[0][:2] == (f"<{E}a>", f"<{E}p>")


def test_a_value_is_not_said_in_another_way() -> None:
    """The closure does not repeat a statement only to write its literal differently, and writes it as it was."""
    graph = turtle(':p rdfs:subPropertyOf :q . :a :p 1 . :b :p "1"^^xsd:byte . :c :p 1.0 .')
    inferred = infer(graph)
    assert len(inferred) == 3
    assert {value for _, _, value in inferred} == {Literal(1)}


def test_opaque_datatypes() -> None:
    """Of a datatype outside of the profile nothing is known: its literals are neither equal nor different."""
    graph = turtle(':p a owl:FunctionalProperty . :a :p "1"^^:own , "2"^^:own .')
    assert len(infer(graph)) == 0


@pytest.mark.parametrize(
    "node",
    [
        URIRef("http://e/ä"),
        BNode("b1"),
        Literal('a"\\\n\t\x07é'),
        Literal("x", lang="de"),
        Literal(7),
        Literal("2021", datatype=URIRef(XSD + "gYear")),
    ],
)
def test_terms_come_back_as_they_were(node: URIRef | BNode | Literal) -> None:
    """A term of rdflib is written as N-Triples and read again."""
    assert node_of(name_of(node)) == node


def test_lines_of_n_triples() -> None:
    """N-Triples and N-Quads are read, canonical or not; what is no statement is an error with its line."""
    lines = [
        "<http://e/a> <http://e/p> <http://e/b> .\n",
        '<http://e/a> <http://e/p> "x y"@en <http://e/graph> .\n',
        "# a remark\n",
        "\n",
        f'<http://e/a> <http://e/p> "x"^^<{XSD}string> .\n',
        '<http://e/a>\t<http://e/p>  "\\u00e9" . # é\n',
    ]
    assert [o for _, _, o in read_lines(lines)] == ["<http://e/b>", '"x y"@en', '"x"', '"é"']
    with pytest.raises(RdfError) as caught:
        list(read_lines(["<http://e/a> <http://e/p> .\n"], "file.nt"))
    assert caught.value.place == "file.nt:1"


def test_values() -> None:
    """A literal's value lies in the datatypes that hold it, and in no others."""

    def holding(text: str, datatype: str) -> set[str]:
        value = value_of(f'"{text}"^^<{XSD}{datatype}>')
        assert value is not None
        return {name.rpartition("#")[2] for name in DATATYPES if in_space(value, name)}

    whole = {"decimal", "integer", "long", "int", "short", "Literal"}
    assert holding("300", "int") == whole | {
        "nonNegativeInteger", "positiveInteger", "unsignedLong", "unsignedInt", "unsignedShort",
    }  # fmt: skip
    assert holding("-1", "integer") == whole | {"byte", "negativeInteger", "nonPositiveInteger"}
    assert holding("1.5", "decimal") == {"decimal", "Literal"}
    assert holding("a b", "string") == {"string", "normalizedString", "token", "PlainLiteral", "Literal"}
    assert holding("1", "boolean") == {"boolean", "Literal"}
    assert value_of(f'"0.0"^^<{XSD}float>') != value_of(f'"-0.0"^^<{XSD}float>')
    assert value_of(f'"300"^^<{XSD}byte>') is ILL_TYPED
    assert value_of(f'"2021"^^<{XSD}gYear>') is None


def test_datatypes_within_others() -> None:
    """What lies in several datatypes at once lies in those that hold all of it."""
    byte, short_, unsigned = XSD + "byte", XSD + "short", XSD + "unsignedInt"
    assert subsumed([byte], short_)
    assert not subsumed([short_], byte)
    assert subsumed([short_, unsigned], XSD + "unsignedShort")
    assert subsumed([XSD + "string", byte], XSD + "dateTime")
    assert subsumed([XSD + "NCName"], XSD + "token")
    assert not subsumed([XSD + "float"], XSD + "double")


def test_constructs_outside_of_the_profile_are_named() -> None:
    """What has no rule is named with where it stands, and an ontology within the profile gets no warning."""
    graph = turtle(
        ":A rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :B ] . :R owl:onProperty :p ; owl:maxCardinality 2 ."
        " :r a owl:ReflexiveProperty . :M owl:minCardinality 1 . :D owl:disjointUnionOf ( :A :B ) ."
    )
    found = {
        (one.subject[len(E) + 1 : -1], one.construct) for one in outside_of_profile(closure_of(graph).engine.facts)
    }
    assert found == {
        ("A", "owl:someValuesFrom"), ("R", "owl:maxCardinality"), ("r", "owl:ReflexiveProperty"),
        ("M", "owl:minCardinality"), ("D", "owl:disjointUnionOf"),
    }  # fmt: skip
    nested = turtle(
        ":A owl:equivalentClass [ owl:intersectionOf ( :B [ owl:onProperty :p ; owl:minCardinality 2 ] ) ] ."
    )
    (part,) = outside_of_profile(closure_of(nested).engine.facts)
    assert part.subject == f"<{E}A> (a part of it without a name)"
    inside = turtle(":A owl:equivalentClass [ owl:onProperty :p ; owl:hasValue 1 ] . :B rdfs:subClassOf :A .")
    assert outside_of_profile(closure_of(inside).engine.facts) == []


def test_plans_as_queries() -> None:
    """The plans of an ontology are written as SQL over tables of pairs, and give the same there."""
    import sqlite3

    closure = closure_of(turtle(":p owl:propertyChainAxiom ( :q :r ) . :a :q :b . :b :r :c ."))
    facts = closure.engine.facts
    (plan,) = [plan for plan in closure.engine.plans if plan.rule == "prp-spo2"]
    connection = sqlite3.connect(":memory:")
    for p in facts.properties():
        connection.execute(f"CREATE TABLE t{p} (s, o)")
        connection.executemany(
            f"INSERT INTO t{p} VALUES (?, ?)", [(s, o) for s, _, o in facts.match(None, p, None)]
        )
    rows = connection.execute(to_sql(plan)).fetchall()
    connection.close()
    assert [tuple(closure.terms.names[term] for term in row) for row in rows] == [(f"<{E}a>", f"<{E}c>")]


def test_progress_is_told() -> None:
    """The engine tells the number of each round and the triples so far."""
    told: list[tuple[int, int]] = []
    closure = Closure(say=lambda number, triples: told.append((number, triples)))
    triples = [(f"<{E}a>", f"<{E}p>", f"<{E}b>"), (f"<{E}p>", name_of(OWL.inverseOf), f"<{E}q>")]
    closure.load(closure.terms.encode(triples))
    assert [number for number, _ in told] == sorted(number for number, _ in told)
    assert told[-1][1] == len(closure)
    assert RDF.type is not None
