"""Tables, JSON, XML and front matter: records with named fields, each field with its place in the document."""

from fundgraph.extract.structured.reading import is_structured, read_embedded, read_structured

__all__ = ["is_structured", "read_embedded", "read_structured"]
