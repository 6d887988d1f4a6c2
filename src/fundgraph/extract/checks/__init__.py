"""What is off in a document, each kind of it in a module that returns findings and changes nothing."""

from fundgraph.extract.checks.document import check_document

__all__ = ["check_document"]
