"""What others can open: the graph as readable RDF, as tables, as a network, and in the formats of research information.

Writers here take statements as text, in the terms of N-Triples, and give bytes that depend on nothing else: the same
statements are the same bytes on any machine. They need no RDF library; reading and serialising quickly is the store's.
"""
