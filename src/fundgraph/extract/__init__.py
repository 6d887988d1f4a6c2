"""Find projects, people, claims and slips in a document. No RDF here."""

from fundgraph.extract.assemble import extract
from fundgraph.extract.structured.joins import join
from fundgraph.extract.structured.streams import Part, extract_stream, stream_parts
from fundgraph.extract.structured.watch import Checked

__all__ = ["Checked", "Part", "extract", "extract_stream", "join", "stream_parts"]
