"""Why statements are there, as data for a page that needs no server: one step for each statement, shared by all proofs.

Proofs share most of their steps: 77 people of one programme work on 30 topics each, by the same few rules. Written out
as pages they would be the largest part of the folder; as steps they are a small one, and a script shows the whole proof.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from fundgraph.web.proof_words import descriptions, rule_words, words_of
from fundgraph.web.site import Site
from fundgraph.web.staticsite.addresses import Addresses
from fundgraph.web.staticsite.crawl import Found

if TYPE_CHECKING:
    from fundgraph.explanation import Explainer, Source
    from fundgraph.reason.explain import Search
    from fundgraph.reason.proof import Name, Step


@dataclass(slots=True)
class Proofs:
    """The steps to some statements and to all that they rest on, with the names of their terms and the places read."""

    steps: dict[Name, Step | None] = field(default_factory=dict)
    language: str = "en"
    labels: dict[str, str] = field(default_factory=dict)
    sources: dict[Name, tuple[Source, ...]] = field(default_factory=dict)

    def add(self, statement: Name, explainer: Explainer, search: Search) -> None:
        """Add a statement with all the steps of its proof; one that does not hold has no step."""
        from fundgraph.reason.explain import explain

        if statement in self.steps:
            return
        proof = explain(explainer.closure, statement, search)
        if proof is None:
            self.steps[statement] = None
            return
        for one, step in proof.steps.items():
            if one in self.steps:
                continue
            self.steps[one] = step
            self.labels |= explainer.labels(one, self.language)
            if step.rule is None and (found := explainer.sources(one)):
                self.sources[one] = found

    def take(self, other: Proofs) -> None:
        """Add other proofs.

        A statement keeps the first step that it got: all that this one rests on came with it, so no circle arises.
        """
        for statement, step in other.steps.items():
            self.steps.setdefault(statement, step)
        self.labels |= other.labels
        self.sources |= other.sources


def searches(found: Found, explainer: Explainer, language: str) -> list[Callable[[], Proofs]]:
    """Return two searches, for the proofs of one half of the statements that pages link to and of the other.

    There are two wherever they run, so that the same is found with one processor and with two.
    """
    linked = {place.ask for place, _ in found.places.values() if place.kind == "why"}
    wanted: list[Name] = sorted((s, p, o) for s, p, o in map(json.loads, linked))
    middle = len(wanted) // 2
    return [partial(_search, explainer, half, language) for half in (wanted[:middle], wanted[middle:])]


def _search(explainer: Explainer, wanted: list[Name], language: str) -> Proofs:
    from fundgraph.reason.explain import Search

    proofs, search = Proofs(language=language), Search(explainer.closure)
    for statement in wanted:
        proofs.add(statement, explainer, search)
    return proofs


@dataclass(slots=True)
class _Table:
    """Values that are written once, and named by their place."""

    rows: list[Any] = field(default_factory=list)
    _places: dict[Any, int] = field(default_factory=dict)

    def place(self, key: Any, row: Any) -> int:
        """Return the place of a value, which is added if it is new."""
        found = self._places.get(key)
        if found is None:
            found = self._places[key] = len(self.rows)
            self.rows.append(row)
        return found


def reasons_of(proofs: Proofs, addresses: Addresses, site: Site) -> dict[str, Any]:
    """Return what the script of explanations reads: terms, rules, sources, and of each statement its step.

    A step is ``[subject, predicate, object, rule, premises, sources, listed]``: places of terms, the place of a rule or -1
    for what was stated or -2 for what does not hold, ids of statements, places of sources, and words of a list.
    """
    from fundgraph.reason.proof import short
    from fundgraph.reason.rules import expand

    terms, rules, sources = _Table(), _Table(), _Table()
    first, rest = expand("rdf:first"), expand("rdf:rest")
    unnamed = descriptions([step for step in proofs.steps.values() if step is not None], proofs.labels)

    def term(name: str) -> int:
        label = words_of(name, proofs.labels, unnamed)
        iri = name[1:-1] if name[0] == "<" else ""
        return terms.place(name, [label, f"~{iri.removeprefix(site.base)}" if iri.startswith(site.base) else iri])

    def source(one: Source) -> int:
        name = one.document.removeprefix(site.base)
        return sources.place(one, [name, one.line or 0, one.quote] if one.passage else [one.document])

    steps: dict[str, list[Any]] = {}
    for triple in sorted(proofs.steps):
        step = proofs.steps[triple]
        if triple[1] in (first, rest):
            continue
        premises = () if step is None else step.premises
        rule = -2 if step is None else -1
        if step is not None and step.rule is not None:
            rule = rules.place(step.rule, [step.rule, rule_words(step.rule)])
        row: list[Any] = [
            *map(term, triple),
            rule,
            [addresses.mark(one) for one in premises if one[1] not in (first, rest)],
            [source(one) for one in proofs.sources.get(triple, ())],
        ]
        listed = [proofs.labels.get(one[2], short(one[2])) for one in premises if one[1] == first]
        steps[addresses.mark(triple)] = [*row, listed] if listed else row
    return {"terms": terms.rows, "rules": rules.rows, "sources": sources.rows, "steps": steps}
