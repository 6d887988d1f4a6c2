"""What our closure is: the same for every engine.

The closure holds what follows from the asserted triples by OWL 2 RL, less

* what was asserted, also in another way of writing the same literal (``"01"`` for ``"1"``);
* statements whose subject is a literal or a blank node, whose property is no IRI, or whose value is a blank node:
  a class expression without a name says nothing to a reader;
* reflexive ``owl:sameAs``, sub- and equivalence statements, and such up to ``owl:Thing``;
* ``owl:Thing``, ``rdfs:Resource`` and the like as types or as subjects, and the kinds of properties and classes
  of the language itself as types;
* statements about datatypes.
"""

from __future__ import annotations

import numpy as np

from fundgraph.reason.rules import NAMESPACES, expand
from fundgraph.reason.table import Mask, unpack
from fundgraph.reason.terms import BLANK, IRI, Ids, Terms, Vocabulary

__all__ = ["says_something", "telling"]

_REFLEXIVE = frozenset(
    expand(name)
    for name in ("owl:sameAs", "rdfs:subClassOf", "rdfs:subPropertyOf", "owl:equivalentClass",
                 "owl:equivalentProperty")
)  # fmt: skip
_TRIVIAL = frozenset(
    expand(name)
    for name in ("owl:Thing", "owl:Nothing", "rdfs:Resource", "rdfs:Literal", "rdfs:Class", "rdf:Property")
)
_META = _TRIVIAL | frozenset(
    expand(name) for name in ("owl:AnnotationProperty", "owl:DatatypeProperty", "rdfs:Datatype", "owl:Class")
)
_MUTE = _TRIVIAL | frozenset(
    expand(name) for name in ("rdf:XMLLiteral", "rdf:PlainLiteral", "rdf:langString", "rdf:HTML")
)
_XSD = "<" + NAMESPACES["xsd"]
_TYPE = expand("rdf:type")


def says_something(s: str, p: str, o: str) -> bool:
    """Tell whether a triple, in terms of N-Triples, is of the kind that our closure holds.

    >>> says_something("<http://e/a>", expand("rdf:type"), expand("owl:Thing"))
    False
    """
    if s[0] != "<" or p[0] != "<" or o[0] == "_" or s in _MUTE or s.startswith(_XSD):
        return False
    if p in _REFLEXIVE and (s == o or o in _TRIVIAL):
        return False
    return not (p == _TYPE and o in _META)


def telling(terms: Terms, p: int, keys: Ids) -> Mask:
    """Tell the same as :func:`says_something` for many pairs of one property."""
    if terms.kind(p) != IRI:
        return np.zeros(len(keys), dtype=np.bool_)
    kinds = terms.kinds()
    s, o = unpack(keys)
    keep = (kinds[s] == IRI) & (kinds[o] != BLANK)
    keep &= ~np.isin(s, _numbers(_MUTE)) & ~np.isin(s, terms.of_xsd())
    name = terms.names[p]
    if name in _REFLEXIVE:
        keep &= (s != o) & ~np.isin(o, _numbers(_TRIVIAL))
    if name == _TYPE:
        keep &= ~np.isin(o, _numbers(_META))
    mask: Mask = keep
    return mask


def _numbers(names: frozenset[str]) -> Ids:
    return np.array(sorted(Vocabulary.number[name] for name in names), dtype=np.int64)
