"""Find projects, people, claims and slips in a document. No RDF here."""

from fundgraph.extract.assemble import extract

__all__ = ["extract"]
