"""The linking desk: what belongs together here and elsewhere, with evidence and review.

Links are files (:mod:`fundgraph.link.sssom`), become RDF by one table of meanings (:mod:`fundgraph.link.meaning`), are found by
asking targets (:mod:`fundgraph.link.targets`) and comparing (:mod:`fundgraph.link.matching`), and are decided by people
(:mod:`fundgraph.link.review`).
"""
