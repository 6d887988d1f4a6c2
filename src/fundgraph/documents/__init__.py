"""Read a file: bytes to text, what format and language it is in. What the text *says* is found in ``extract``."""

from fundgraph.documents.corpus import Skipped, corpus_files, read_corpus
from fundgraph.documents.files import document_from_bytes, read_document

__all__ = ["Skipped", "corpus_files", "document_from_bytes", "read_corpus", "read_document"]
