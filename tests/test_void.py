"""The descriptions of the dataset: true to the snapshot, where clients look for them, absolute behind a proxy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from rdflib import DCAT, DCTERMS, RDF, VOID, Graph, Literal, Namespace, URIRef

from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.web.app import create_app
from tests.protocol_suite import DOMAINS, RANGES, SD_TERMS
from tests.snapshots import BASE, make_snapshot, numbered

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
DATASET = URIRef(f"{BASE}dataset")


@pytest.fixture(scope="module")
def kg(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    """A graph with two classes, inferred statements, links to another place, and a hidden graph."""
    build = tmp_path_factory.mktemp("void")
    typed = "".join(f"<{BASE}thing/{n}> {TYPE} <{BASE}Thing> .\n" for n in range(7))
    same = "<http://www.w3.org/2004/02/skos/core#exactMatch>"
    make_snapshot(
        build,
        {
            "document/a": numbered(20) + typed + f"<{BASE}thing/1> {TYPE} <{BASE}Odd> .\n",
            "inferred": f"<{BASE}thing/2> {TYPE} <{BASE}Odd> .\n",
            "links/people": "".join(f"<{BASE}thing/{n}> {same} <https://other.example/{n}> .\n" for n in range(5)),
            "report": f'<{BASE}finding/1> <{BASE}message> "hidden" .\n',
        },
        {"programme": {"name": 'A "programme"', "number": "1", "licence": "https://licence.example/zero"}},
    )
    settings = Settings(build_dir=build, workers=1)
    with KnowledgeGraph.open(build, settings, served=True) as made:
        assert made.is_ready(20)
        yield made


def client_of(kg: KnowledgeGraph, **settings: Any) -> FlaskClient:
    """A client of an application with these settings."""
    return create_app(kg, Settings(workers=1, **settings)).test_client()


def described(client: FlaskClient, path: str, **headers: str) -> Graph:
    """Read a description."""
    response = client.get(path, headers={"Accept": "text/turtle", **headers})
    assert response.status_code == 200, response.text
    return Graph().parse(data=response.data, format="turtle")


def number(value: Any) -> int:
    """The number in a literal."""
    assert isinstance(value, Literal)
    return int(value)


@pytest.mark.parametrize("path", ["/void", "/sparql"])
def test_figures_are_true(kg: KnowledgeGraph, path: str) -> None:
    """Each figure is what a query says: totals, classes, properties, named graphs."""
    graph = described(client_of(kg), path)

    def count(pattern: str, what: str = "*") -> int:
        ((found,),) = kg.select(f"SELECT (COUNT({what}) AS ?n) {{ {pattern} }}").rows
        return int(str(found))

    assert number(graph.value(DATASET, VOID.triples)) == count("?s ?p ?o") == 20 + 8 + 1 + 5
    assert number(graph.value(DATASET, VOID.distinctSubjects)) == count("?s ?p ?o", "DISTINCT ?s")
    assert number(graph.value(DATASET, VOID.distinctObjects)) == count("?s ?p ?o", "DISTINCT ?o")
    classes = {str(graph.value(node, VOID["class"])): node for node in graph.objects(DATASET, VOID.classPartition)}
    assert {name: number(graph.value(node, VOID.entities)) for name, node in classes.items()} == {
        f"{BASE}Thing": 7,
        f"{BASE}Odd": 2,
    }
    for name, node in classes.items():
        assert number(graph.value(node, VOID.triples)) == count(f"?s a <{name}> ; ?p ?o")
    properties = set(graph.objects(DATASET, VOID.propertyPartition))
    assert number(graph.value(DATASET, VOID.properties)) == len(properties) == 3
    for node in properties:
        name = graph.value(node, VOID.property)
        assert number(graph.value(node, VOID.triples)) == count(f"?s <{name}> ?o")
        assert number(graph.value(node, VOID.distinctSubjects)) == count(f"?s <{name}> ?o", "DISTINCT ?s")
        assert number(graph.value(node, VOID.distinctObjects)) == count(f"?s <{name}> ?o", "DISTINCT ?o")
    if path == "/sparql":
        named = {str(graph.value(node, SD.name)): graph.value(node, SD.graph) for node in graph.subjects(SD.name)}
        assert set(named) == set(kg.manifest["graphs"])
        for name, node in named.items():
            assert number(graph.value(node, VOID.triples)) == count(f"GRAPH <{name}> {{ ?s ?p ?o }}")


def test_service(kg: KnowledgeGraph) -> None:
    """The service says what it does in the words of the vocabulary, and that the inferred graph is OWL 2 RL's alone."""
    graph = described(client_of(kg), "/sparql")
    (service,) = graph.subjects(RDF.type, SD.Service)
    assert (service, SD.feature, SD.UnionDefaultGraph) in graph
    assert (service, SD.supportedLanguage, SD.SPARQL11Update) not in graph, "as no token is configured"
    (inferred,) = graph.subjects(SD.entailmentRegime)
    assert str(graph.value(inferred, SD.name)) == f"{BASE}graph/inferred"
    assert str(graph.value(inferred, SD.supportedEntailmentProfile)).endswith("owl-profile/RL")
    used = {
        str(term).removeprefix(str(SD)) for triple in graph for term in triple if str(term).startswith(str(SD))
    }
    assert used <= SD_TERMS
    for subject, predicate, value in graph:
        name = str(predicate).removeprefix(str(SD))
        for node, classes in ((subject, DOMAINS.get(name)), (value, RANGES.get(name))):
            if classes:
                assert {SD[one] for one in classes} & set(graph.objects(node, RDF.type)), (name, node)


def test_linksets(kg: KnowledgeGraph) -> None:
    """Links to another place are a linkset, with their predicate, their number and where they go."""
    graph = described(client_of(kg), "/void")
    (links,) = graph.subjects(RDF.type, VOID.Linkset)
    assert (DATASET, VOID.subset, links) in graph
    assert number(graph.value(links, VOID.triples)) == 5
    target = graph.value(links, VOID.objectsTarget)
    assert str(graph.value(target, VOID.uriSpace)) == "https://other.example/"


def test_dumps(kg: KnowledgeGraph) -> None:
    """Each dump that is named is there, as the media type that is named, and holds as much as is said."""
    client = client_of(kg)
    graph = described(client, "/void")
    found = list(graph.objects(DATASET, DCAT.distribution))
    assert len(found) == len(list(graph.objects(DATASET, VOID.dataDump))) == 6
    for one in found:
        url = str(graph.value(one, DCAT.downloadURL))
        with client.get(url.removeprefix("http://localhost")) as response:
            assert response.status_code == 200
            assert str(graph.value(one, DCAT.mediaType)).endswith(f"media-types/{response.mimetype}")
            data = response.data
        if url.endswith(".nt"):
            assert len(Graph().parse(data=data, format="nt")) == number(graph.value(DATASET, VOID.triples))


def test_where_clients_look(kg: KnowledgeGraph) -> None:
    """The well-known address leads to the description; Accept and suffix choose its format; it says its release."""
    client = client_of(kg)
    response = client.get("/.well-known/void")
    assert (response.status_code, response.headers["Location"]) == (302, "http://localhost/void")
    plain = client.get("/void", headers={"Accept": "application/n-triples"})
    assert plain.mimetype == "application/n-triples"
    assert len(Graph().parse(data=plain.data, format="nt")) == len(described(client, "/void"))
    assert client.get("/void.jsonld").mimetype == "application/ld+json"
    assert client.get("/void", headers={"Accept": "text/html,*/*;q=0.1"}).mimetype == "text/turtle"
    assert client.get("/void", headers={"Accept": "image/png"}).status_code == 406
    assert plain.headers["Fundgraph-Release"] == kg.release
    again = client.get(
        "/void", headers={"Accept": "application/n-triples", "If-None-Match": plain.headers["ETag"]}
    )
    assert again.status_code == 304
    title = next(iter(described(client, "/void").objects(DATASET, DCTERMS.title)))
    assert title == Literal('A "programme"', lang="en")


def test_behind_a_proxy(kg: KnowledgeGraph) -> None:
    """What a trusted proxy says of the address is in every IRI of the service; without trust it is not believed."""
    forwarded = {"X-Forwarded-Host": "kg.example", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/spp"}
    graph = described(client_of(kg, proxies=1), "/sparql", **forwarded)
    assert [str(one) for one in graph.objects(None, SD.endpoint)] == ["https://kg.example/spp/sparql"]
    assert str(graph.value(DATASET, VOID.sparqlEndpoint)) == "https://kg.example/spp/sparql"
    assert all(str(one).startswith("https://kg.example/spp/") for one in graph.objects(None, DCAT.downloadURL))
    graph = described(client_of(kg), "/sparql", **forwarded)
    assert [str(one) for one in graph.objects(None, SD.endpoint)] == ["http://localhost/sparql"]
    graph = described(client_of(kg, public_url="https://set.example/"), "/sparql")
    assert [str(one) for one in graph.objects(None, SD.endpoint)] == ["https://set.example/sparql"]
