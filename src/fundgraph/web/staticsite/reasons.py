"""Why statements are there, as pages that need no server: one page for the statements of a thing, one step for each.

A whole proof below each statement would write the same steps again and again: 77 people of one programme work on 30
topics each. So a statement has the rule that gives it and links to what it rests on, down to the lines that were read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import render_template

from fundgraph.web.languages import say
from fundgraph.web.site import Site, the_site
from fundgraph.web.staticsite.addresses import Addresses, Place, link_between, to_root
from fundgraph.web.staticsite.crawl import Found, Order

if TYPE_CHECKING:
    from fundgraph.explanation import Explainer, Explanation, Source
    from fundgraph.reason.proof import Name, Step


@dataclass(frozen=True, slots=True)
class Link:
    """A link, or plain text where there is none."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """A statement on a page: its words, the rule that gives it with its premises, or who says it."""

    id: str
    words: tuple[Link, ...]
    rule: str | None
    says: str
    listed: tuple[str, ...]
    premises: tuple[Link, ...]
    sources: tuple[tuple[Link, str], ...]
    """Where it was read, and the words there."""
    holds: bool = True


class Reasons:
    """The steps to all statements that are linked to, and to those that they rest on."""

    def __init__(self, explainer: Explainer) -> None:
        self._explainer = explainer
        self.steps: dict[Name, Step | None] = {}
        self.labels: dict[str, str] = {}
        self.sources: dict[Name, tuple[Source, ...]] = {}

    def add(self, statement: Name) -> None:
        """Add a statement with all the steps of its proof.

        A statement keeps the first step that it got: all that this one rests on came with it, so no circle arises.
        """
        if statement in self.steps:
            return
        told: Explanation = self._explainer.explain(statement)
        self.labels |= told.labels
        if told.proof is None:
            self.steps[statement] = None
            return
        for triple, step in told.proof.steps.items():
            self.steps.setdefault(triple, step)
        self.sources |= told.sources


def write_reasons(order: Order, found: Found, explainer: Explainer) -> int:
    """Write the pages of all explanations that are linked to; return how many statements they explain.

    Links within them are added to ``found``. Needs an application's context.
    """
    reasons = Reasons(explainer)
    wanted = {tuple(json.loads(place.ask)): None for place, _ in found.places.values() if place.kind == "why"}
    for subject, predicate, object_ in sorted(wanted):
        reasons.add((subject, predicate, object_))
    site = the_site()
    pages: dict[str, list[Name]] = {}
    for triple in sorted(reasons.steps):
        if not _is_cell(triple):
            pages.setdefault(order.addresses.reason(triple).file, []).append(triple)
    for file, triples in pages.items():
        writer = _Writer(order.addresses, site, reasons, file, found)
        subject = Link(_called(reasons, triples[0][0]), writer.href_of(triples[0][0]))
        text = render_template(
            "reasons.html",
            subject=subject if "/of/" in file else None,
            reasons=[writer.reason(triple) for triple in triples],
            home=writer.link("/"),
            style=writer.link("/static/site.css"),
            theme=writer.link("/static/theme.js"),
        )
        path = order.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("<html", f'<html data-root="{to_root(file)}"', 1), encoding="utf-8")
    return sum(map(len, pages.values()))


def _is_cell(triple: Name) -> bool:
    from fundgraph.reason.rules import expand

    return triple[1] in (expand("rdf:first"), expand("rdf:rest"))


def _called(reasons: Reasons, term: str) -> str:
    from fundgraph.reason.proof import short

    return say("that list") if term[0] == "_" else reasons.labels.get(term) or short(term)


@dataclass(frozen=True, slots=True)
class _Writer:
    addresses: Addresses
    site: Site
    reasons: Reasons
    file: str
    found: Found

    def reason(self, triple: Name) -> Reason:
        """Return a statement as its page shows it."""
        from fundgraph.reason.proof import short
        from fundgraph.reason.rules import RULE_BY_NAME, expand

        step = self.reasons.steps[triple]
        premises = () if step is None else step.premises
        rule = None if step is None else step.rule
        labels = self.reasons.labels
        return Reason(
            self.addresses.reason(triple).fragment,
            tuple(Link(_called(self.reasons, term), self.href_of(term)) for term in triple),
            rule,
            "" if rule is None else RULE_BY_NAME[rule].says,
            tuple(labels.get(one[2], short(one[2])) for one in premises if one[1] == expand("rdf:first")),
            tuple(self._premise(one) for one in premises if not _is_cell(one)),
            tuple(self._sources(triple)),
            step is not None,
        )

    def _premise(self, triple: Name) -> Link:
        place = self.addresses.reason(triple)
        words = " ".join(_called(self.reasons, term) for term in triple)
        return Link(words, self._to(place))

    def _sources(self, triple: Name) -> Iterator[tuple[Link, str]]:
        for source in self.reasons.sources.get(triple, ()):
            if source.passage:
                place = str(source).replace(", line ", f", {say('line')} ")
                yield Link(place, self.link(f"{self.site.path(source.document)}#L{source.line}")), source.quote
            else:
                outside = source.document.startswith(("https://", "http://"))
                yield Link(source.document, source.document if outside else ""), ""

    def href_of(self, term: str) -> str:
        """Return where a term is shown; empty for what is no IRI."""
        return self.link(self.site.path(term[1:-1])) if term[0] == "<" else ""

    def link(self, address: str) -> str:
        """Return the link to an address of the site."""
        return self._to(self.addresses.place(address))

    def _to(self, place: Place) -> str:
        if place.kind == "server":
            return ""
        self.found.places.setdefault((place.file, place.fragment), (place, self.file))
        if place.file == self.file and place.fragment:
            return f"#{place.fragment}"
        return link_between(self.file, place.file, place.fragment)
