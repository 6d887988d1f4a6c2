"""What a link means as RDF: one table, so that what follows from a link is never decided twice.

Every link is described (:func:`describe`), whatever was decided of it. What it *asserts* of the two things
(:func:`assertions`) depends on its state: nothing while it is only suggested or after it was rejected. ``owl:sameAs`` is in
neither: :func:`same_as` gives it on demand, from links that two people have accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from fundgraph.link.mapping import EXACT, FEATURE, FG, MADE, SAME_AS, SSSOM, Link, MappingSet, confidence_word
from fundgraph.link.schemes import scheme_and_value
from fundgraph.ntriples import Name, escape

__all__ = ["assertions", "described", "identifier_iri", "links_to_things", "same_as", "set_statements"]

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_OWL = "http://www.w3.org/2002/07/owl#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_DCTERMS = "http://purl.org/dc/terms/"
_VOID = "http://rdfs.org/ns/void#"
_PAV = "http://purl.org/pav/"
_GEO = "http://www.w3.org/2003/01/geo/wgs84_pos#"
_WEB = re.compile(r"https?://[^\s<>\"{}|\\^`]+")
_CONCEPTS = (FG + "Topic", FG + "Role")


def _iri(text: str) -> str:
    return f"<{text}>"


def _text(text: str) -> str:
    return f'"{escape(text)}"'


def _typed(text: str, kind: str) -> str:
    return f'"{text}"^^<{_XSD}{kind}>'


def _source(text: str) -> str:
    return _iri(text) if _WEB.fullmatch(text) else _text(text)


def identifier_iri(base: str, scheme: str, value: str) -> str:
    """Return the IRI of the node that an identifier has in a dataset."""
    return f"{base}identifier/{scheme}/{quote(value, safe='-._~')}"


def links_to_things(links: Iterable[Link]) -> Iterator[Link]:
    """Yield the links that assert something: those that were accepted, or are stated by a source."""
    return (link for link in links if link.state in ("accepted", "stated"))


def source_of(link: Link) -> str:
    """Return where it is said that the two belong together: the row's evidence, or who looked at the other's thing."""
    if link.evidence or link.state != "accepted":
        return link.evidence
    return f"{link.object}, accepted by {' and '.join(link.reviewers)} on {link.review_date}"


def assertions(link: Link, base: str) -> Iterator[Name]:
    """Yield what a link says of its two things.

    An identifier node, with its confidence, for what a source states or a person accepted. For what was accepted also
    ``skos:exactMatch`` between concepts and from the identifier node, and ``schema:sameAs`` from a thing; and where an
    organisation is, if the target says so. A person's work is no identifier of theirs.
    """
    state = link.state
    if state not in ("accepted", "stated"):
        return
    subject, target = _iri(link.subject), _iri(link.object)
    sure = state == "accepted" or confidence_word(link.confidence) != "low"
    if link.predicate == MADE:
        if sure:
            yield subject, _iri(MADE), target
        return
    if link.subject_category in _CONCEPTS:
        if state == "accepted":
            yield subject, _iri(EXACT), target
        return
    named = scheme_and_value(link.object)
    if named is not None:
        yield from _identifier(link, base, *named)
    if state == "accepted":
        yield subject, _iri(SAME_AS), target
        if link.place is not None and link.subject_category == FG + "Organisation":
            for name, value in zip(("lat", "long"), link.place, strict=True):
                yield subject, _iri(_GEO + name), _typed(f"{value:.4f}", "decimal")


def _identifier(link: Link, base: str, scheme: str, value: str) -> Iterator[Name]:
    node = _iri(identifier_iri(base, scheme, value))
    word = "high" if link.state == "accepted" else confidence_word(link.confidence)
    yield _iri(link.subject), _iri(FG + "hasIdentifier"), node
    yield node, _iri(_RDF + "type"), _iri(FG + "Identifier")
    yield node, _iri(_RDFS + "label"), _text(f"{scheme} {value}")
    yield node, _iri(FG + "scheme"), _text(scheme)
    yield node, _iri(FG + "value"), _text(value)
    yield node, _iri(FG + "confidence"), _text(word)
    if source := source_of(link):
        yield node, _iri(_DCTERMS + "source"), _source(source)
    yield node, _iri(EXACT if link.state == "accepted" else _RDFS + "seeAlso"), _iri(link.object)


def described(link: Link, name: str, base: str) -> Iterator[Name]:
    """Yield the description of a link of the set with this name: an axiom of SSSOM, with all that its row says."""
    node = _iri(f"{base}link/{name}/{link.digest}")
    verb = "is not" if link.negated else "and"
    other = link.object_label or link.object
    label = (
        f"{link.subject_label or link.subject}: not found"
        if link.state == "absent"
        else f"{link.subject_label or link.subject} {verb} {other}"
    )
    yield node, _iri(_RDF + "type"), _iri(FG + "Link")
    yield node, _iri(_RDF + "type"), _iri(SSSOM + "Mapping")
    yield node, _iri(_RDFS + "label"), _text(label)
    yield node, _iri(_OWL + "annotatedSource"), _iri(link.subject)
    yield node, _iri(_OWL + "annotatedProperty"), _iri(link.predicate)
    yield node, _iri(_OWL + "annotatedTarget"), _iri(link.object)
    yield node, _iri(SSSOM + "mapping_justification"), _iri(link.justification)
    yield node, _iri(FG + "linkState"), _text(link.state)
    yield node, _iri(_DCTERMS + "isPartOf"), _iri(f"{base}graph/links/{name}")
    if link.negated:
        yield node, _iri(SSSOM + "predicate_modifier"), _text("Not")
    if link.confidence is not None:
        yield node, _iri(SSSOM + "confidence"), _typed(f"{link.confidence:.3f}", "decimal")
        yield node, _iri(FG + "confidence"), _text(confidence_word(link.confidence))
    if link.agreement is not None:
        yield node, _iri(SSSOM + "reviewer_agreement"), _typed(f"{link.agreement:.3f}", "decimal")
    if link.evidence:
        yield node, _iri(_DCTERMS + "source"), _source(link.evidence)
    for author in link.authors:
        yield node, _iri(SSSOM + "author_label"), _text(author)
    for reviewer in link.reviewers:
        yield node, _iri(SSSOM + "reviewer_label"), _text(reviewer)
    for predicate, text in ((_PAV + "authoredOn", link.date), (SSSOM + "review_date", link.review_date)):
        if text:
            yield node, _iri(predicate), _typed(text, "date")
    for predicate, text in (
        (SSSOM + "mapping_tool", link.tool),
        (SSSOM + "object_label", link.object_label),
        (_RDFS + "comment", link.comment),
        (FEATURE + "band", link.band),
        (FEATURE + "facts", link.facts),
        (FEATURE + "place", ", ".join(f"{value:.4f}" for value in link.place or ())),
    ):
        if text:
            yield node, _iri(predicate), _text(text)
    for feature, value in sorted(link.features.items()):
        yield node, _iri(FEATURE + feature), _typed(f"{value:.3f}", "decimal")


def set_statements(mapping_set: MappingSet, base: str) -> Iterator[Name]:
    """Yield all statements of a set's graph: its links, what they assert, and the set itself as a VoID linkset."""
    count = 0
    direct: set[str] = set()
    for link in mapping_set.links:
        yield from described(link, mapping_set.name, base)
        for triple in assertions(link, base):
            if triple[2] == _iri(link.object):
                count += 1
                direct.add(triple[1])
            yield triple
    node = _iri(f"{base}graph/links/{mapping_set.name}")
    header = mapping_set.header
    yield node, _iri(_RDF + "type"), _iri(SSSOM + "MappingSet")
    yield node, _iri(_RDF + "type"), _iri(_VOID + "Linkset")
    yield node, _iri(_RDFS + "label"), _text(str(header.get("mapping_set_title") or mapping_set.name))
    yield node, _iri(_DCTERMS + "license"), _source(str(header["license"]))
    yield node, _iri(_VOID + "subjectsTarget"), _iri(f"{base}dataset")
    yield node, _iri(_VOID + "triples"), _typed(str(count), "integer")
    for predicate in sorted(direct):
        yield node, _iri(_VOID + "linkPredicate"), predicate
    for slot, predicate in (
        ("mapping_set_version", _PAV + "version"), ("mapping_date", _PAV + "authoredOn"),
        ("subject_source_version", SSSOM + "subject_source_version"), ("object_source", SSSOM + "object_source"),
        ("object_source_version", SSSOM + "object_source_version"), ("mapping_tool", SSSOM + "mapping_tool"),
        ("mapping_tool_version", SSSOM + "mapping_tool_version"),
    ):  # fmt: skip
        if header.get(slot):
            yield node, _iri(predicate), _source(str(header[slot]))


def organisations(links: Iterable[Link], known: Iterable[str]) -> Iterator[Name]:
    """Yield name and class of organisations that only a mapping set names: a row says all that they need."""
    seen = set(known)
    for link in links_to_things(links):
        if link.subject_category == FG + "Organisation" and link.subject not in seen and link.subject_label:
            seen.add(link.subject)
            node = _iri(link.subject)
            yield node, _iri(_RDF + "type"), _iri(FG + "Organisation")
            yield node, _iri(_RDFS + "label"), _text(link.subject_label)
            yield node, _iri(FG + "name"), _text(link.subject_label)


def same_as(links: Iterable[Link], base: str) -> list[Name]:
    """Return ``owl:sameAs`` for the links that two people accepted, left out wherever it would make two of ours one.

    Left out is a thing of theirs that two of ours lead to, and any link between two of ours, told by their ``base``.
    """
    twice = {
        link.key
        for link in links
        if link.times_accepted >= 2 and link.predicate in (SAME_AS, EXACT) and not link.object.startswith(base)
    }
    ours: dict[str, set[str]] = {}
    for subject, target in twice:
        ours.setdefault(target, set()).add(subject)
    return sorted(
        (_iri(subject), _iri(_OWL + "sameAs"), _iri(target)) for subject, target in twice if len(ours[target]) == 1
    )
