"""The description of the service: SPARQL 1.1 Service Description with VoID counts, as Turtle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PREFIXES = {
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "void": "http://rdfs.org/ns/void#",
    "dcterms": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_FORMATS = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
    "Turtle", "N-Triples", "RDF_XML", "JSON-LD", "TriG", "N-Quads",
)  # fmt: skip


def describe_service(endpoint: str, manifest: Mapping[str, Any]) -> str:
    """Return the description of the service at this address over the release of this manifest, as Turtle."""
    base = str(manifest.get("base", endpoint))
    formats = ", ".join(f"<http://www.w3.org/ns/formats/{name}>" for name in _FORMATS)
    graphs = manifest.get("graphs", {})
    name = manifest.get("programme", {}).get("name")
    lines = [f"@prefix {prefix}: <{iri}> ." for prefix, iri in PREFIXES.items()]
    lines += [
        f"<{endpoint}#service> a sd:Service ;",
        f"  sd:endpoint <{endpoint}> ;",
        "  sd:supportedLanguage sd:SPARQL11Query ;",
        f"  sd:resultFormat {formats} ;",
        f"  sd:defaultDataset <{endpoint}#dataset> .",
        f"<{endpoint}#dataset> a sd:Dataset, void:Dataset ;",
        *([f"  dcterms:title {_literal(name)} ;"] if name else []),
        f"  dcterms:identifier {_literal(str(manifest.get('release', '')))} ;",
        f"  void:sparqlEndpoint <{endpoint}> ;",
        f"  void:uriSpace {_literal(base)} ;",
        f"  void:triples {int(manifest.get('quads', 0))} ;",
        *(f"  sd:namedGraph <{endpoint}#graph-{number}> ;" for number in range(len(graphs))),
        f"  sd:defaultGraph <{endpoint}#default-graph> .",
        f"<{endpoint}#default-graph> a sd:Graph .",
    ]
    for number, (graph, triples) in enumerate(graphs.items()):
        lines += [
            f"<{endpoint}#graph-{number}> a sd:NamedGraph ;",
            f"  sd:name <{graph}> ;",
            *(_RL if graph == f"{base}graph/inferred" else ()),
            f"  sd:graph [ a sd:Graph, void:Dataset ; void:triples {int(triples)} ] .",
        ]
    return "\n".join(lines) + "\n"


_RL = (
    "  sd:entailmentRegime <http://www.w3.org/ns/entailment/OWL-RDF-Based> ;",
    "  sd:supportedEntailmentProfile <http://www.w3.org/ns/owl-profile/RL> ;",
)


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'
