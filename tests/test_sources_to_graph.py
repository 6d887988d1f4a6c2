"""What structured sources say of people and organisations comes into the graph."""

from __future__ import annotations

from rdflib import Graph

from fundgraph.documents import document_from_bytes
from fundgraph.extract import extract
from fundgraph.pipeline import extractions_to_turtle

RECORD = b"""[{"title": "Ice on slow rivers", "pi": {"name": "Ada Quell", "orcid": "0000-0002-1825-0097"},
"institution": {"name": "University of Springs", "ror": "https://ror.org/05591te55", "country": "DE"}, "start": "2021", "end": "2024"}]"""


def test_identifiers_of_people_and_organisations() -> None:
    """An ORCID becomes the person's identifier node, an institution takes part in the project beside the people."""
    extraction = extract(document_from_bytes(RECORD, path="awards.json", id="awards"))
    graph = Graph().parse(data=extractions_to_turtle([extraction]), format="turtle")
    query = """PREFIX fg: <https://w3id.org/fundgraph/ontology#>
      SELECT ?person ?scheme ?value ?place WHERE { ?p a fg:Person; fg:name ?person; fg:hasIdentifier ?i .
      ?i fg:scheme ?scheme; fg:value ?value . ?project fg:hasParticipation/fg:participatingOrganisation ?o . ?o fg:name ?place }"""
    assert [tuple(map(str, row)) for row in graph.query(query)] == [
        ("Ada Quell", "orcid", "0000-0002-1825-0097", "University of Springs")
    ]
