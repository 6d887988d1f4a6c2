"""Proofs as RDF: statements reified, and the steps between them as derivations in the terms of PROV."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rdflib import PROV, RDF, RDFS

from fundgraph.ntriples import Name, escape, name_of
from fundgraph.reason.proof import Proof, Step
from fundgraph.reason.rules import RULE_BY_NAME
from fundgraph.vocab import FG

__all__ = ["Derivations"]

_TYPE, _LABEL, _COMMENT = map(name_of, (RDF.type, RDFS.label, RDFS.comment))
_STATEMENT, _SUBJECT, _PREDICATE, _OBJECT = map(name_of, (RDF.Statement, RDF.subject, RDF.predicate, RDF.object))
_ENTITY, _ACTIVITY, _USED, _GENERATED, _DERIVED = map(
    name_of, (PROV.Entity, PROV.Activity, PROV.used, PROV.wasGeneratedBy, PROV.wasDerivedFrom)
)
_PROOF, _DERIVATION, _PROVES, _STEP, _CONCLUDES, _PREMISE, _RULE, _SHORTEST = (
    name_of(FG[name])
    for name in ("Proof", "Derivation", "proves", "hasStep", "concludes", "premise", "inferenceRule", "shortest")
)
_BOOLEAN = "^^<http://www.w3.org/2001/XMLSchema#boolean>"


@dataclass(frozen=True, slots=True)
class Derivations:
    """How proofs are written below a base IRI; ``known`` gives the IRIs of statements that have one already.

    ``label`` names a term in words; a statement's label is its three terms in words.
    """

    base: str
    known: Callable[[Name], str | None]
    label: Callable[[str], str]

    def statement(self, triple: Name) -> str:
        """Return the term for a statement, the same whenever it is written."""
        return self.known(triple) or f"<{self.base}statement/{_digest(*triple)}>"

    def proof(self, proof: Proof) -> Iterator[Name]:
        """Yield the triples of a proof, of its steps, and of all statements in it."""
        node = f"<{self.base}proof/{_digest(*proof.conclusion)}>"
        yield node, _TYPE, _PROOF
        yield node, _TYPE, _ENTITY
        yield node, _PROVES, self.statement(proof.conclusion)
        yield node, _SHORTEST, f'"{str(proof.shortest).lower()}"{_BOOLEAN}'
        for triple in proof.ordered():
            step = proof.steps[triple]
            yield from self.described(triple)
            if step.rule is not None:
                yield node, _STEP, self._derivation(step)
                yield from self.step(step)

    def described(self, triple: Name) -> Iterator[Name]:
        """Yield what a statement says, as reification and as a sentence."""
        node = self.statement(triple)
        yield node, _TYPE, _STATEMENT
        yield node, _TYPE, _ENTITY
        for predicate, term in zip((_SUBJECT, _PREDICATE, _OBJECT), triple, strict=True):
            yield node, predicate, term
        yield node, _LABEL, f'"{escape(" ".join(map(self.label, triple)))}"'

    def step(self, step: Step) -> Iterator[Name]:
        """Yield the derivation of a statement from its premises; the statements themselves are not described."""
        if step.rule is None:
            raise ValueError(f"{step.triple} is asserted, not derived")
        node, conclusion = self._derivation(step), self.statement(step.triple)
        yield node, _TYPE, _DERIVATION
        yield node, _TYPE, _ACTIVITY
        yield node, _CONCLUDES, conclusion
        yield node, _RULE, f'"{escape(step.rule)}"'
        yield node, _COMMENT, f'"{escape(RULE_BY_NAME[step.rule].says)}"@en'
        yield conclusion, _GENERATED, node
        for premise in map(self.statement, dict.fromkeys(step.premises)):
            yield node, _PREMISE, premise
            yield node, _USED, premise
            yield conclusion, _DERIVED, premise

    def ways(self, steps: Iterable[Step]) -> Iterator[Name]:
        """Yield single steps to a statement, with what they rest on described."""
        for step in steps:
            if step.rule is not None:
                yield from self.step(step)
                for triple in (step.triple, *step.premises):
                    yield from self.described(triple)

    def _derivation(self, step: Step) -> str:
        parts = (step.rule or "", *step.triple, *(term for premise in step.premises for term in premise))
        return f"<{self.base}derivation/{_digest(*parts)}>"


def _digest(*parts: str) -> str:
    """Return twenty hexadecimal digits that tell texts from all others."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]
