"""From records to RDF: named graphs of a dataset, each statement with the passage that it was read from."""

from __future__ import annotations

from collections.abc import Sequence

from rdflib import PROV, RDF, RDFS, Literal

from fundgraph.documents.programme import Fact, Programme
from fundgraph.graph.mapping import ExtractionMapper
from fundgraph.graph.programme import ProgrammeMapper
from fundgraph.graph.writer import Graphs
from fundgraph.model import Extraction
from fundgraph.ntriples import Statements
from fundgraph.vocab import FG, ONTOLOGY_GRAPH, DatasetNames

__all__ = ["Graphs", "to_graphs"]


def to_graphs(
    programme: Programme, extractions: Sequence[Extraction], topics: Statements, ontology: Statements
) -> tuple[Graphs, list[Fact]]:
    """Return the asserted named graphs of a programme, and the facts whose subject no document names.

    ``ontology`` holds the ontology and the roles; it goes into the ontology's own graph.
    """
    names = DatasetNames(programme.base)
    graphs = Graphs()
    for extraction in extractions:
        ExtractionMapper(graphs, names, extraction, extraction.document.path).map()
    unknown = ProgrammeMapper(graphs, names, programme).map(extractions)
    for name, graph in ((names.graph("topics"), topics), (ONTOLOGY_GRAPH, ontology)):
        if len(graph):
            graphs[name] |= graph
    _activity(graphs, names, extractions)
    return graphs, unknown


def _activity(graphs: Graphs, names: DatasetNames, extractions: Sequence[Extraction]) -> None:
    """Describe the build as an activity; no time of day, so that the same inputs give the same graph."""
    provenance = graphs[names.graph("provenance")]
    build = names.thing("activity", "build")
    provenance.add((build, RDF.type, PROV.Activity))
    provenance.add((build, RDFS.label, Literal("Reading, validation and inference by fundgraph")))
    for extraction in extractions:
        document = names.thing("document", extraction.document.id)
        provenance.add((build, PROV.used, document))
        graph = names.graph(f"document/{extraction.document.id}")
        provenance.add((graph, PROV.wasDerivedFrom, document))
        provenance.add((graph, PROV.wasGeneratedBy, build))
        provenance.add((document, FG.sha256, Literal(extraction.document.sha256)))
