"""The engine that spills to disk: the same closure as in memory, within a limit of memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from rdflib import Graph

from fundgraph.errors import InconsistencyError, UsageError
from fundgraph.ntriples import Name, name_of
from fundgraph.reason.closure import Closure
from fundgraph.reason.spill import SpillingClosure
from tests.conftest import ROOT
from tests.ontologies import CONTRADICTING, POSITIVE, STRANGE, UNKNOWN_TO_OWLRL, E, Triple, ontologies

pytestmark = pytest.mark.slow

MIB = 1 << 20
OFTEN = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
PREFIXES = f"""@prefix : <{E}> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def turtle(text: str) -> list[Name]:
    """Return triples written in Turtle with the usual prefixes, their literals as they are written."""
    graph = Graph().parse(data=PREFIXES + text, format="turtle")
    return [(name_of(s), name_of(p), name_of(o)) for s, p, o in graph]


def spilled(triples: list[Name], *, expand: bool = True) -> set[Name] | str:
    """Return what the engine on disk infers, or the rule by which it finds a contradiction."""
    closure = SpillingClosure(256 * MIB)
    try:
        closure.load(triples)
        found = list(closure.decoded(expand=expand))
        assert len(found) == len(set(found))
        return set(found)
    except InconsistencyError as error:
        return str(error.rule)
    finally:
        closure.close()


def in_memory(triples: list[Name], *, expand: bool = True) -> set[Name] | str:
    """Return what the engine in memory infers, or the rule by which it finds a contradiction."""
    closure = Closure.of(triples)
    return closure.clashes[0].rule if closure.clashes else set(closure.decoded(expand=expand))


@pytest.mark.slow
@OFTEN
@given(ontologies(POSITIVE, STRANGE))
def test_the_same_closure(triples: list[Triple]) -> None:
    """Of ontologies over all constructs both engines infer the same."""
    names = [(name_of(s), name_of(p), name_of(o)) for s, p, o in triples]
    assert spilled(names) == in_memory(names)


@pytest.mark.slow
@OFTEN
@given(ontologies(POSITIVE, CONTRADICTING, UNKNOWN_TO_OWLRL))
def test_the_same_contradictions(triples: list[Triple]) -> None:
    """Both engines find the same graphs contradictory, and infer the same of the others."""
    names = [(name_of(s), name_of(p), name_of(o)) for s, p, o in triples]
    ours, theirs = spilled(names), in_memory(names)
    assert ours == theirs or (isinstance(ours, str) and isinstance(theirs, str))


@pytest.mark.parametrize(
    "text",
    [
        ':a :p "1"^^xsd:integer . :b :p "01"^^xsd:int . :c :p 1.0 . :p rdfs:subPropertyOf :q .',
        ":p a owl:FunctionalProperty . :a :p :b , :c , _:d . :c :q _:d . _:d a :C .",
        ':C owl:hasKey ( :p :q ) . :a a :C ; :p 1 ; :q "x" . :b a :C ; :p 1.0 ; :q "x"^^xsd:token . :b :r :a .',
        ':D owl:onProperty :p ; owl:maxCardinality "1"^^xsd:int . :a a :D ; :p :b , :c . :b :r "1"^^xsd:byte .',
        ":p owl:sameAs :q . :p a owl:TransitiveProperty . :a :q :b . :b :p :c . :c :q :d .",
        ":alias rdfs:subPropertyOf owl:sameAs . :a :alias :b . :b :alias :c . :a :p :x .",
        ":A owl:equivalentClass [ owl:onProperty :p ; owl:someValuesFrom xsd:int ] . :a :p 5 . :b :p 5.5 .",
        "",
    ],
    ids=[
        "values",
        "functional",
        "keys",
        "cardinality",
        "same properties",
        "same by a rule",
        "datatypes",
        "nothing",
    ],
)
@pytest.mark.parametrize("expand", [True, False])
def test_by_example(text: str, expand: bool) -> None:
    """Values, same things and the rest come out as in memory, written out for all names or not."""
    triples = turtle(text)
    assert spilled(triples, expand=expand) == in_memory(triples, expand=expand)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (":A owl:disjointWith :B . :a a :A , :B .", "cax-dw"),
        (":a owl:sameAs :b . :a owl:differentFrom :b .", "eq-diff1"),
        (":p a owl:FunctionalProperty . :a :p 1 , 2 .", "eq-diff1"),
        (':p rdfs:range xsd:integer . :a :p "x" .', "dt-not-type"),
        (':a :p "x"^^xsd:integer .', "dt-not-type"),
    ],
)
def test_a_contradiction_has_its_premises(text: str, rule: str) -> None:
    """A contradiction names its rule and the triples that cannot all be true."""
    closure = SpillingClosure(256 * MIB)
    with pytest.raises(InconsistencyError) as caught:
        closure.load(turtle(text))
    closure.close()
    assert caught.value.rule == rule
    assert len(caught.value.premises) >= 1


CHILD = """
import resource, sys
resource.setrlimit(resource.RLIMIT_DATA, ({limit}, {limit}))
sys.path[:0] = [{src!r}, {benchmarks!r}]
from itertools import chain
from inference import schema, universities
from fundgraph.reason.spill import SpillingClosure
closure = SpillingClosure({memory})
closure.load(chain(schema(), universities({size})))
count = sum(1 for _ in closure.decoded())
spilt = sum(path.stat().st_size for path in (closure.path / "spilt").glob("*.tmp"))
closure.close()
print(spilt, count)
"""


@pytest.mark.slow
def test_it_spills_rather_than_dies(tmp_path: Path) -> None:
    """A process that is kept to 420 MiB in all closes 700 000 triples in 96 MiB and files, with all that follows."""
    size, limit = 700_000, 420 * MIB
    sys.path.insert(0, str(ROOT / "benchmarks"))
    from inference import schema, universities

    triples = [*schema(), *universities(size)]
    expected = sum(1 for _ in Closure.of(triples).decoded())
    places = {"src": str(ROOT / "src"), "benchmarks": str(ROOT / "benchmarks"), "limit": limit}

    text = CHILD.format(size=size, memory=96 * MIB, **places)
    environ = {"PATH": os.environ["PATH"], "OPENBLAS_NUM_THREADS": "1", "TMPDIR": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False, env=environ)
    assert run.returncode == 0, run.stderr
    spilt, count = map(int, run.stdout.split())
    assert spilt > 0
    assert count == expected
    assert not list(tmp_path.iterdir())


def test_too_little_memory_is_said(tmp_path: Path) -> None:
    """A limit that nothing can be done in is refused with the least that is needed."""
    with pytest.raises(UsageError, match="MiB"):
        SpillingClosure(8 * MIB, directory=tmp_path)
    assert list(tmp_path.iterdir()) == []
