"""Find projects, people, claims and slips in a document. No RDF here."""

from fundgraph.extract.assemble import extract
from fundgraph.extract.structured.joins import join
from fundgraph.extract.structured.stream import extract_stream

__all__ = ["extract", "extract_stream", "join"]
