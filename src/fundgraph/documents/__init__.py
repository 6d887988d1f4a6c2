"""Read a file: bytes to text, what format and language it is in. What the text *says* is found in ``extract``."""

from fundgraph.documents.files import document_from_bytes, read_document

__all__ = ["document_from_bytes", "read_document"]
