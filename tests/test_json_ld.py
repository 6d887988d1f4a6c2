"""JSON-LD: the frames on real data, what they look like, and that nothing is ever fetched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld
from rdflib import RDF, Graph, URIRef
from rdflib.compare import isomorphic

from fundgraph.errors import RdfError
from fundgraph.export.things import read_triples
from fundgraph.framing import (
    CONTEXT,
    context,
    frame_of,
    framed,
    framed_briefly,
    framed_by_processor,
    load_document,
)
from fundgraph.kg import KnowledgeGraph
from fundgraph.vocab import FG
from fundgraph.web.panels import bind, panel_text

ROOT = Path(__file__).resolve().parent.parent
BASE = "https://w3id.org/fundgraph/spp2298/"
FRAMES = sorted((ROOT / "ontology" / "frames").glob("*.jsonld"))
PROJECT = f"{BASE}project/multiscale-dynamics-of-neural-nets-via-stochastic-graphops"
OPTIONS = {"documentLoader": load_document}
N_QUADS = {"format": "application/n-quads"}


@pytest.fixture(scope="module")
def kg(spp_snapshot: Path) -> Iterator[KnowledgeGraph]:
    """The real snapshot."""
    with KnowledgeGraph.open(spp_snapshot) as opened:
        yield opened


def triples_of(kg: KnowledgeGraph, iri: str) -> str:
    """Return what the server says of a thing, as N-Triples."""
    with kg.answer(bind(panel_text("thing_graph"), iri), format="ntriples").body as body:
        data: str = body.read().decode("utf-8")
    return data


def things(kg: KnowledgeGraph, kind: str) -> list[str]:
    """Return the IRIs of the things of a class."""
    table = kg.select(f"SELECT ?thing WHERE {{ ?thing a <{FG[kind]}> }} ORDER BY ?thing")
    return [str(row["thing"]) for row in table]


def graph_of(document: dict[str, Any]) -> Graph:
    """Read JSON-LD back by pyld."""
    return Graph().parse(data=jsonld.to_rdf(document, N_QUADS | OPTIONS), format="nt")


def keys_of(document: object) -> Iterator[str]:
    """Yield the keys of a document, without its context's."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key != "@context":
                yield key
                yield from keys_of(value)
    elif isinstance(document, list):
        for value in document:
            yield from keys_of(value)


# ── frames ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_frame_names_the_context_and_a_class() -> None:
    """There are frames for projects, people and topics; each names the one context and a class of the ontology."""
    assert [path.stem for path in FRAMES] == ["person", "project", "topic"]
    for path in FRAMES:
        frame = json.loads(path.read_text(encoding="utf-8"))
        assert frame["@context"] == CONTEXT
        assert context()[frame["type"]] == f"fg:{frame['type']}"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["Project", "Person", "Topic", "FundingPhase", "Organisation", "Publication"])
def test_a_framed_thing_is_the_same_graph(kg: KnowledgeGraph, kind: str) -> None:
    """Framing loses nothing and adds nothing: read back, a thing's JSON-LD is what it was made of."""
    chosen = things(kg, kind)
    assert chosen
    name = {"FundingPhase": "phase"}.get(kind, kind.lower())
    for iri in chosen[:: max(1, len(chosen) // 24)]:
        triples = triples_of(kg, iri)
        document = framed(triples, frame_of(name, iri))
        assert document["id"] == iri
        assert isomorphic(graph_of(document), Graph().parse(data=triples, format="nt")), iri


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["Project", "Person", "Topic"])
def test_framed_json_is_readable(kg: KnowledgeGraph, kind: str) -> None:
    """Keys are names, never IRIs, and those of our own terms have no prefix; the context holds what is used."""
    chosen = things(kg, kind)
    for iri in chosen[:: max(1, len(chosen) // 10)]:
        document = framed(triples_of(kg, iri), frame_of(kind.lower(), iri))
        keys = set(keys_of(document))
        assert not any("/" in key or key.startswith("fg:") for key in keys), keys
        assert kind in document["type"]
        own = {key for key in keys if ":" not in key and not key.startswith("@") and key not in ("en", "de")}
        assert own - {"id", "type"} <= set(document["@context"]) | {"id", "type"}
        assert set(document["@context"]) <= set(context())


def test_a_project_holds_its_people_topics_and_passages(kg: KnowledgeGraph) -> None:
    """A project's JSON has each person inside of the participation, each topic in its assignment, and the evidence."""
    document = framed(triples_of(kg, PROJECT), frame_of("project", PROJECT))
    assert document["title"] == "Multiscale Dynamics of Neural Nets via Stochastic Graphops"
    parts = {part["participant"]["label"]: part for part in document["hasParticipation"]}
    assert set(parts) == {"Christian Kühn", "Maximilian Engel", "Dennis Chemnitz", "Sara-Viola Kuntz"}
    part = parts["Christian Kühn"]
    assert part["withRole"] == "role:principal-investigator"
    assert part["position"] == 2
    assert {passage["line"] for passage in part["readFrom"]} == {205, 214}
    topics = {item["assignedTopic"]["labels"]["en"]: item["score"] for item in document["hasTopicAssignment"]}
    assert 0 < float(topics["graphop"]) <= 1


def test_a_person_holds_their_projects_and_a_topic_those_above(kg: KnowledgeGraph) -> None:
    """A person's JSON names the project in each participation; a topic's the topics above by IRI."""
    person = f"{BASE}person/bernd-sturmfels"
    document = framed(triples_of(kg, person), frame_of("person", person))
    parts = document["holdsParticipation"]
    parts = parts if isinstance(parts, list) else [parts]
    assert all(part["inProject"]["label"] for part in parts)
    assert document["hiddenLabel"] == {"@none": "Bern Sturmfels"} or "Bern Sturmfels" in str(
        document["hiddenLabel"]
    )
    topic = f"{BASE}topic/neural-network"
    document = framed(triples_of(kg, topic), frame_of("topic", topic))
    assert document["prefLabel"]["en"] == "neural network"
    assert document["broader"]


def test_a_frame_alone_selects_by_class(kg: KnowledgeGraph) -> None:
    """The file of a frame, as it stands, finds the projects among other things by pyld alone."""
    frame = json.loads((ROOT / "ontology" / "frames" / "project.jsonld").read_text(encoding="utf-8"))
    nodes = jsonld.from_rdf(triples_of(kg, PROJECT))
    result = jsonld.frame(nodes, frame, OPTIONS)
    assert result["id"] == PROJECT


def by_processor(triples: str, frame: dict[str, Any]) -> str:
    """Return what the processor makes of a frame, as JSON without the context."""
    return json.dumps(
        {key: value for key, value in framed_by_processor(triples, frame).items() if key != "@context"}
    )


def test_framing_is_that_of_the_processor(kg: KnowledgeGraph) -> None:
    """What is written straight from the triples is, byte for byte, what a general JSON-LD processor makes of the frame."""
    for kind in ("project", "person", "topic", "phase", "organisation", "publication"):
        chosen = things(kg, {"phase": "FundingPhase"}.get(kind, kind.capitalize()))
        for iri in chosen[len(chosen) // 2 :][:1]:
            triples, frame = "".join(sorted(triples_of(kg, iri).splitlines(keepends=True))), frame_of(kind, iri)
            assert json.dumps(framed_briefly(read_triples(triples.encode()), frame)) == by_processor(
                triples, frame
            ), iri


AWKWARD = f"""
<{BASE}project/x> <{FG.hasParticipation}> <{BASE}participation/x> .
<{BASE}project/x> <{FG.hasParticipation}> <{BASE}participation/y> .
<{BASE}project/x> <{FG.inPhase}> <{BASE}project/x> .
<{BASE}project/x> <{FG.name}> "a"@en-GB .
<{BASE}project/x> <{FG.name}> "b" .
<{BASE}project/x> <{FG.score}> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .
<{BASE}project/x> <{FG.score}> "1.5"^^<http://www.w3.org/2001/XMLSchema#decimal> .
<{BASE}project/x> <{FG.score}> "1.5e3"^^<http://www.w3.org/2001/XMLSchema#double> .
<{BASE}project/x> <{FG.score}> "NaN"^^<http://www.w3.org/2001/XMLSchema#double> .
<{BASE}project/x> <{FG.shortest}> "maybe"^^<http://www.w3.org/2001/XMLSchema#boolean> .
<{BASE}project/x> <{FG.shortest}> "true"^^<http://www.w3.org/2001/XMLSchema#boolean> .
<{BASE}project/x> <{FG.title}> "q\\"\\n" .
<{BASE}project/x> <http://purl.org/dc/terms/subject> "a word" .
<{BASE}project/x> <http://purl.org/dc/terms/subject> <https://w3id.org/fundgraph/role/a/b> .
<{BASE}project/x> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{FG.Project}> .
<{BASE}project/x> <http://www.w3.org/2004/02/skos/core#hiddenLabel> "u" .
<{BASE}project/x> <http://www.w3.org/2004/02/skos/core#hiddenLabel> "v"@de .
<{BASE}project/x> <http://www.w3.org/2004/02/skos/core#hiddenLabel> "w"@de .
<{BASE}project/x> <https://other.example/own> <https://other.example/thing> .
<{BASE}participation/x> <{FG.inProject}> <{BASE}project/x> .
<{BASE}participation/x> <{FG.readFrom}> <{BASE}project/x> .
<{BASE}participation/x> <{FG.worksWith}> <{BASE}participation/x> .
<{BASE}participation/y> <{FG.participant}> <{BASE}participation/x> .
"""


@pytest.mark.parametrize("kind", ["project", "person", "thing"])
def test_awkward_triples_are_framed_as_the_processor_does(kind: str) -> None:
    """So are circles, values that do not fit the context, and languages and datatypes that it does not name."""
    triples = "\n".join(sorted(AWKWARD.strip("\n").split("\n"))) + "\n"
    frame = frame_of(kind, f"{BASE}project/x")
    assert json.dumps(framed_briefly(read_triples(triples.encode()), frame)) == by_processor(triples, frame)


def test_any_character_may_stand_in_a_text() -> None:
    """A character that some take for the end of a line is part of a text."""
    said = f'<{BASE}a> <{FG.title}> "q\u2028\x85r" .\n'
    assert framed(said, frame_of("thing", f"{BASE}a"))["title"] == "q\u2028\x85r"


def test_what_is_beyond_our_frames_is_left_to_the_processor() -> None:
    """Blank nodes, a frame by class and other ways to embed are framed all the same."""
    part = f'<{BASE}a> <{FG.hasParticipation}> _:b .\n_:b <{FG.position}> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
    assert framed(part, frame_of("thing", f"{BASE}a"))["hasParticipation"] == {"position": 1}
    typed = [(f"<{BASE}a>", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", f"<{FG.Person}>")]
    assert framed_briefly(typed, frame_of("person")) == {"id": f"{BASE}a", "type": "Person"}
    once = frame_of("thing", f"{BASE}a") | {"@embed": "@once"}
    assert framed_briefly(typed, once) == {"id": f"{BASE}a", "type": "Person"}


# ── nothing is fetched ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "address",
    [
        "https://schema.org/",
        "http://127.0.0.1:9/context.jsonld",
        "file:///etc/hostname",
        f"{CONTEXT}?x",
        "context.jsonld",
    ],
)
def test_no_other_context_is_loaded(address: str) -> None:
    """The loader refuses whatever is not our own context, and says which one it knows."""
    with pytest.raises(RdfError) as caught:
        load_document(address)
    assert CONTEXT in str(caught.value.allowed)
    with pytest.raises(jsonld.JsonLdError):
        jsonld.expand({"@context": address, "name": "x"}, OPTIONS | {"base": "https://example.org/"})


def test_our_context_comes_from_the_package() -> None:
    """The context is read from the package under its address, so that expansion works with the network off."""
    expanded = jsonld.expand(
        {"@context": CONTEXT, "id": "https://example.org/a", "type": "Project", "title": "A"}, OPTIONS
    )
    assert expanded == [
        {"@id": "https://example.org/a", "@type": [str(FG.Project)], str(FG.title): [{"@value": "A"}]}
    ]


def test_a_frame_that_names_another_context_is_refused() -> None:
    """A frame with a remote context is an error, not a request."""
    with pytest.raises(RdfError, match="cannot be framed"):
        framed("", {"@context": "https://example.org/context.jsonld", "type": "Project"})


def test_what_is_served_names_no_remote_context(spp_client: Any) -> None:
    """The JSON-LD of a thing carries its context itself, and is the same graph as its Turtle."""
    path = PROJECT.removeprefix(BASE)
    response = spp_client.get(f"/{path}.jsonld")
    assert response.content_type == "application/ld+json"
    document = json.loads(response.data)
    assert isinstance(document["@context"], dict)
    turtle = Graph().parse(data=spp_client.get(f"/{path}.ttl").data, format="turtle")
    assert isomorphic(graph_of(document), turtle)
    assert (URIRef(PROJECT), RDF.type, FG.Project) in turtle


# ── round trip ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["ontology/fundgraph.ttl", "ontology/alignments.ttl", "data/roles.ttl"])
@pytest.mark.parametrize("native", [False, True])
def test_our_own_files_survive_json_ld(path: str, native: bool) -> None:
    """Turtle to JSON-LD and back is the same graph, with blank nodes and lists, with and without native numbers."""
    graph = Graph().parse(ROOT / path)
    nodes = jsonld.from_rdf(graph.serialize(format="nt"), {"useNativeTypes": native})
    compact = jsonld.compact(nodes, {"@context": CONTEXT}, OPTIONS)
    assert isomorphic(graph, graph_of(compact))
