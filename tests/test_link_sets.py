"""Mapping sets: read, written, and what they mean as RDF."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import OWL, Graph, URIRef

from fundgraph.errors import LinkError
from fundgraph.graph.writer import Graphs
from fundgraph.link.mapping import CLOSE, CURATED, EXACT, FG, MADE, NO_TERM, SAME_AS, SEMAPV, Link, MappingSet
from fundgraph.link.meaning import assertions, same_as, set_statements
from fundgraph.link.schemes import SCHEMES, scheme_and_value, well_formed
from fundgraph.link.sssom import SUFFIX, find_sets, new_header, read_set, read_sets, to_text, write_set
from fundgraph.linksets import add_links
from fundgraph.ntriples import Name, Statements
from fundgraph.reason import infer, infer_statements
from fundgraph.store.parse import parse_file

ROOT = Path(__file__).resolve().parent.parent
LINKS = ROOT / "data" / "spp2298" / "links"
BASE = "https://example.org/"
ORCID = "https://orcid.org/0000-0002-1825-0097"
FOUND = SEMAPV + "CompositeMatching"


def link(subject: str = "person/ada", target: str = ORCID, **more: object) -> Link:
    """Make a link of a person."""
    values: dict[str, object] = {"predicate": SAME_AS, "justification": CURATED, "subject_category": FG + "Person"}
    return Link(BASE + subject, object=target, **(values | more))  # type: ignore[arg-type]


def mapping_set(*links: Link, name: str = "orcid") -> MappingSet:
    """Make a set of links."""
    return MappingSet(name, new_header(name, BASE, "People in ORCID"), links)


REVIEWED = {"reviewers": ("R. One",), "review_date": "2026-01-15", "agreement": 1.0}


def test_a_set_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Writing and reading gives the same rows, and writing these again the same text."""
    rows = (
        link(confidence=0.95, evidence="a page, line 3", comment='it says "Ada"', **REVIEWED),
        link(target="https://orcid.org/0000-0001-5109-3700", predicate=CLOSE, justification=FOUND, band="review",
             confidence=0.5, features={"name": 1.0, "affiliation": 0.25}, facts="Bonn; 2010–2020", negated=False),
        link("person/bob", NO_TERM, predicate=CLOSE, justification=FOUND),
    )  # fmt: skip
    path = tmp_path / f"orcid{SUFFIX}"
    write_set(mapping_set(*rows), path)
    read = read_set(path)
    assert tuple(one.but(line=0) for one in read.links) == rows
    assert to_text(read) == path.read_text(encoding="utf-8")
    assert [one.state for one in read.links] == ["accepted", "suggested", "absent"]


HEAD = "#mapping_set_id: https://example.org/s\n#license: https://example.org/l\n#curie_map:\n#  ex: https://example.org/\n"
NAMES = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tconfidence\treviewer_label\treview_date\n"
ROW = "ex:a\tskos:closeMatch\tex:b\tsemapv:CompositeMatching\t0.5\t\t\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (HEAD + NAMES + ROW.replace("0.5", "1.5"), 6, "from 0 to 1"),
        (HEAD + NAMES + ROW.replace("Composite", "Clever"), 6, "no justification"),
        (HEAD + NAMES + ROW.replace("ex:b", "xe:b"), 6, "declared prefix"),
        (HEAD + NAMES + ROW + ROW, 7, "same two as line 6"),
        (HEAD + NAMES + ROW.replace("0.5\t", "0.5\tR. One"), 6, "does not say when"),
        (HEAD + NAMES + "ex:a\n", 6, "1 fields instead of 7"),
        (HEAD + NAMES.replace("object_id", "object"), 5, "lacks the column 'object_id'"),
        (HEAD + NAMES.replace("confidence", "certainty"), 5, "'certainty'"),
        ("#license: x\n" + NAMES, 1, "mapping_set_id"),
        ("#a: ]\n" + NAMES, 1, "not YAML"),
        (HEAD, None, "no line of column names"),
    ],
)
def test_a_broken_set_is_told_with_its_line(text: str, line: int | None, words: str, tmp_path: Path) -> None:
    """What cannot be read as SSSOM is refused, with the line and what is wrong there."""
    path = tmp_path / f"broken{SUFFIX}"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LinkError, match=re.escape(words)) as caught:
        read_set(path)
    assert caught.value.line == line


def test_the_shipped_sets_are_in_the_form_that_we_write() -> None:
    """The mapping sets of SPP 2298 are what writing them again gives, so that a decision changes one line."""
    assert len(find_sets(LINKS)) == 9
    for path in find_sets(LINKS):
        assert to_text(read_set(path)) == path.read_text(encoding="utf-8"), path.name


def test_every_shipped_link_says_where_it_stands() -> None:
    """Each of the 123 links has a source, a confidence and a well-formed identifier, and nobody is said to have reviewed it."""
    links = [one for some in read_sets(LINKS) for one in some.links]
    assert len(links) == 123
    assert all(one.evidence and one.confidence and well_formed(one.object) for one in links)
    assert {one.state for one in links} == {"stated"}


needs_sssom = pytest.mark.skipif(
    shutil.which("sssom") is None and not os.environ.get("CI"),
    reason="sssom-py is not installed: make test does it; see docs/decisions/050",
)


@needs_sssom
@pytest.mark.parametrize("path", find_sets(LINKS), ids=lambda path: path.name)
def test_sssom_py_takes_the_shipped_sets(path: Path) -> None:
    """The standard's own tool finds no fault in a set."""
    no_fault_in(path)


@needs_sssom
def test_sssom_py_takes_what_is_suggested_and_decided(tmp_path: Path) -> None:
    """Nor in one with suggestions, features, a place, a rejection, a review, and somebody who was not found."""
    rows = (
        link("organisation/home", "https://ror.org/05591te55", subject_category=FG + "Organisation", place=(50.7, 7.1), **REVIEWED),
        link(predicate=CLOSE, justification=FOUND, confidence=0.6, features={"name": 1.0}, band="review", facts="Bonn", tool="fundgraph"),
        link("person/bob", "https://orcid.org/0000-0001-5109-3700", negated=True, **REVIEWED),
        link("person/eve", NO_TERM, predicate=CLOSE, justification=FOUND),
    )  # fmt: skip
    write_set(mapping_set(*rows), tmp_path / f"orcid{SUFFIX}")
    no_fault_in(tmp_path / f"orcid{SUFFIX}")


def no_fault_in(path: Path) -> None:
    """Let sssom-py judge a set."""
    run = subprocess.run(
        ["sssom", "validate", str(path)], capture_output=True, text=True, check=False, timeout=100
    )
    assert run.returncode == 0, run.stderr
    assert "ERROR" not in run.stderr


@pytest.mark.parametrize(
    ("iri", "named", "good"),
    [
        (ORCID, ("orcid", "0000-0002-1825-0097"), True),
        ("https://orcid.org/0000-0002-1825-0098", ("orcid", "0000-0002-1825-0098"), False),
        ("https://orcid.org/0000-0002-9079-593X", ("orcid", "0000-0002-9079-593X"), True),
        ("https://ror.org/05591te55", ("ror", "05591te55"), True),
        ("https://ror.org/05591te56", ("ror", "05591te56"), False),
        ("https://doi.org/10.13039/501100001659", ("crossref-funder", "10.13039/501100001659"), True),
        ("https://doi.org/10.1000/182", ("doi", "10.1000/182"), True),
        ("http://gepris.dfg.de/gepris/projekt/441826958", ("gepris-project", "441826958"), True),
        ("https://example.org/441826958", None, True),
    ],
)
def test_identifiers_are_told_by_their_iris(iri: str, named: tuple[str, str] | None, good: bool) -> None:
    """An IRI gives a scheme and a value, and check digits are checked; a number alone is of no scheme."""
    assert scheme_and_value(iri) == named
    assert well_formed(iri) is good
    if named and iri.startswith("https"):
        assert SCHEMES[named[0]].iri_of(named[1]) == iri


def says(one: Link) -> set[str]:
    """The properties that a link asserts of its thing."""
    return {p[1:-1].replace(FG, "fg:") for s, p, _ in assertions(one, BASE) if s == f"<{one.subject}>"}


def test_what_a_link_asserts_depends_on_its_state() -> None:
    """A suggestion, a rejection and a doubt assert nothing; a source's word an identifier; a review schema:sameAs too."""
    assert says(link(predicate=CLOSE, justification=FOUND, confidence=0.99)) == set()
    assert says(link(negated=True, **REVIEWED)) == set()
    assert says(link(**(REVIEWED | {"agreement": 0.0}))) == set()
    assert says(link(confidence=0.9)) == {"fg:hasIdentifier"}
    assert says(link(**REVIEWED)) == {"fg:hasIdentifier", SAME_AS}
    topic = {"subject_category": FG + "Topic", "predicate": EXACT}
    assert says(link("topic/x", "http://www.wikidata.org/entity/Q1", **topic)) == set()
    assert says(link("topic/x", "http://www.wikidata.org/entity/Q1", **(topic | REVIEWED))) == {EXACT}


def test_what_was_accepted_has_a_source() -> None:
    """An identifier that a person accepted says where it is from: the row's evidence, or who looked at what, and when."""

    def source(**more: object) -> list[str]:
        told = assertions(link(**(REVIEWED | more)), BASE)
        return [value for _, p, value in told if p == "<http://purl.org/dc/terms/source>"]

    assert source(evidence="https://example.org/page") == ["<https://example.org/page>"]
    (words,) = source(evidence="", target="http://www.wikidata.org/entity/Q1")
    assert words == '"http://www.wikidata.org/entity/Q1, accepted by R. One on 2026-01-15"'


def test_a_work_of_a_person_is_no_identifier_of_theirs() -> None:
    """Four authors of one paper do not share an identifier; of low confidence nothing is said at all."""
    paper = {"target": "https://arxiv.org/abs/2010.14860", "predicate": MADE}
    assert says(link(**paper, confidence=0.95)) == {MADE}
    assert says(link(**paper, confidence=0.3)) == set()


def test_low_confidence_is_shown_as_such() -> None:
    """The identifier of a row of low confidence says that its confidence is low."""
    triples = list(assertions(link(confidence=0.3), BASE))
    assert [value for _, p, value in triples if p == f"<{FG}confidence>"] == ['"low"']


def test_same_as_needs_two_people() -> None:
    """owl:sameAs comes from links that two different people accepted, and from no others."""
    once = link(**REVIEWED)
    twice = link(**(REVIEWED | {"reviewers": ("R. One", "R. Two")}))
    again = link(**(REVIEWED | {"reviewers": ("R. One", "R. One")}))
    assert same_as([once], BASE) == []
    assert same_as([again], BASE) == []
    assert same_as([twice], BASE) == [(f"<{twice.subject}>", f"<{OWL.sameAs}>", f"<{ORCID}>")]


def test_same_as_never_leads_from_two_of_ours_to_one() -> None:
    """A thing elsewhere that two of ours were linked to by two people each is the same as neither."""
    more = REVIEWED | {"reviewers": ("R. One", "R. Two")}
    assert same_as([link("person/ada", **more), link("person/bob", **more)], BASE) == []


OURS = [f"{BASE}{name}" for name in ("person/ada", "person/bob", "phase/1", "phase/2", "project/x")]
THEIRS = [ORCID, "https://orcid.org/0000-0001-5109-3700", "https://gepris.dfg.de/gepris/projekt/1", *OURS[:2]]
LINKS_OF_ANY_KIND = st.lists(
    st.builds(
        Link,
        subject=st.sampled_from(OURS),
        object=st.sampled_from(THEIRS),
        predicate=st.sampled_from([CLOSE, EXACT, SAME_AS]),
        justification=st.sampled_from([FOUND, CURATED]),
        subject_category=st.sampled_from([FG + "Person", FG + "Topic"]),
        confidence=st.floats(0, 1),
        negated=st.booleans(),
        reviewers=st.sampled_from([(), ("R. One",), ("R. One", "R. Two")]),
        agreement=st.sampled_from([None, 1.0, 0.0]),
    ),
    max_size=8,
    unique_by=lambda one: one.key,
)


@lru_cache
def _terms() -> tuple[Name, ...]:
    return tuple(
        triple for path in ("fundgraph.ttl", "alignments.ttl") for triple in parse_file(ROOT / "ontology" / path)
    )


@settings(max_examples=15, deadline=None)
@given(links=LINKS_OF_ANY_KIND)
def test_no_links_make_two_of_ours_one(links: list[Link]) -> None:
    """Whatever is suggested, stated or accepted, by however many: no two of our people or phases are inferred to be the same."""
    statements = Statements(set_statements(mapping_set(*links), BASE))
    statements |= same_as(links, BASE)
    statements |= _terms()
    inferred = infer_statements(statements, "rules")
    same = {(s[1:-1], o[1:-1]) for some in (statements, inferred) for s, p, o in some if p == f"<{OWL.sameAs}>"}
    assert {(s, o) for s, o in same if s != o and s in OURS and o in OURS} == set()


def test_the_measure_of_merging_is_sharp() -> None:
    """The same reasoning does find two of ours to be the same once owl:sameAs leads from both to one thing."""
    graph = Graph()
    for one in OURS[:2]:
        graph.add((URIRef(one), OWL.sameAs, URIRef(ORCID)))
    assert (URIRef(OURS[0]), OWL.sameAs, URIRef(OURS[1])) in infer(graph, engine="rules")


def test_sets_become_graphs_with_readings(tmp_path: Path) -> None:
    """A row's statements are in the graph of its set, their source in the provenance graph; rows about nothing are told."""
    known, unknown = (
        link(evidence="a page", confidence=0.95),
        link("person/nobody", "https://orcid.org/0000-0001-5109-3700"),
    )
    home = link(
        "organisation/home",
        "https://ror.org/05591te55",
        subject_category=FG + "Organisation",
        subject_label="Home",
        evidence="p",
    )
    write_set(mapping_set(known, unknown), tmp_path / f"orcid{SUFFIX}")
    write_set(mapping_set(home, name="ror"), tmp_path / f"ror{SUFFIX}")
    graphs = Graphs()
    graphs[URIRef(f"{BASE}graph/programme")] |= [
        (f"<{BASE}person/ada>", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", f"<{FG}Person>")
    ]
    left_out = add_links(graphs, BASE, tmp_path)
    assert [one.subject for _, one in left_out] == [unknown.subject]
    node = f"<{BASE}identifier/orcid/0000-0002-1825-0097>"
    assert graphs[URIRef(f"{BASE}graph/links/orcid")].has((f"<{known.subject}>", f"<{FG}hasIdentifier>", node))
    assert graphs[URIRef(f"{BASE}graph/links/ror")].has((f"<{home.subject}>", f"<{FG}name>", '"Home"'))
    provenance = graphs[URIRef(f"{BASE}graph/provenance")].to_bytes().decode()
    assert '"links/orcid.sssom.tsv line ' in provenance
    assert '"a page"' in provenance
    assert unknown.object not in graphs[URIRef(f"{BASE}graph/links/orcid")].to_bytes().decode()


def test_a_set_describes_itself_as_a_linkset_with_its_count() -> None:
    """A set is a void:Linkset that counts what leads out, from the thing and from its identifier, and no suggestion."""
    rows = [
        link(**REVIEWED),
        link("person/bob", "https://orcid.org/0000-0001-5109-3700", predicate=CLOSE, justification=FOUND),
    ]
    triples = set(set_statements(mapping_set(*rows), BASE))
    count = [o for s, p, o in triples if p == "<http://rdfs.org/ns/void#triples>"]
    assert count == ['"2"^^<http://www.w3.org/2001/XMLSchema#integer>']
