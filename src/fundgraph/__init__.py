"""fundgraph: the documents of a research programme as a knowledge graph that people trust."""

__version__ = "0.1.0"
