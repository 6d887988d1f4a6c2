"""The triples that hold of the language itself, whatever the graph says."""

from __future__ import annotations

from fundgraph.reason.rules import RULES, Condition, Pattern
from fundgraph.reason.solve import ANNOTATIONS, Triple
from fundgraph.reason.terms import Terms, Vocabulary

__all__ = ["axioms"]

_SUBJECTS = {
    "annotation": sorted(ANNOTATIONS),
    "datatype": [Vocabulary.number[name] for name in Terms().datatypes],
}


def axioms() -> list[Triple]:
    """Return what the rules give without any premise: cls-thing, cls-nothing1, prp-ap, dt-type1."""
    made: list[Triple] = []
    for rule in RULES:
        kinds = [premise.kind for premise in rule.premises if isinstance(premise, Condition)]
        if len(kinds) == len(rule.premises) and set(kinds) <= _SUBJECTS.keys():
            for pattern in rule.conclusions:
                subjects = _SUBJECTS[kinds[0]] if kinds else [Vocabulary.number[pattern.s]]
                made += [_about(subject, pattern) for subject in subjects]
    return made


def _about(subject: int, pattern: Pattern) -> Triple:
    return subject, Vocabulary.number[pattern.p], Vocabulary.number[pattern.o]
