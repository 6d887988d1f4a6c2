"""The mapping sets of a programme, as named graphs of its dataset."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from rdflib import DCTERMS, RDF, Literal, URIRef

from fundgraph.graph.writer import Graphs, Writer
from fundgraph.link.check import check_sets
from fundgraph.link.mapping import Link, MappingSet, confidence_word
from fundgraph.link.meaning import assertions, links_to_things, organisations, same_as, set_statements, source_of
from fundgraph.link.sssom import read_sets
from fundgraph.ntriples import Name, name_of, node_of
from fundgraph.vocab import FG, DatasetNames

__all__ = ["FOLDER", "SAME_AS_GRAPH", "add_links"]

#: The folder of a programme that its mapping sets lie in.
FOLDER = "links"
#: The graph that owl:sameAs goes to, where it is wanted.
SAME_AS_GRAPH = "links/same-as"
_WEB = re.compile(r"https?://[^\s<>\"{}|\\^`]+")


def add_links(graphs: Graphs, base: str, folder: Path, *, with_same_as: bool = False) -> list[tuple[str, Link]]:
    """Read a folder of mapping sets into ``graph/links/{set}``; return the rows, with their files, whose subject is unknown.

    What a row asserts has a reading in the provenance graph, with the row's source. ``owl:sameAs`` is written, into a graph of
    its own, only if it is asked for. Raises :class:`LinkError` for a file that is broken.
    """
    names = DatasetNames(base)
    sets = read_sets(folder)
    if not sets:
        return []
    known = _things(graphs, names)
    unknown: list[tuple[str, Link]] = []
    for one in sets:
        found = tuple(organisations(one.links, known))
        writer = Writer(graphs, names, f"{FOLDER}/{one.name}")
        writer.graph |= found
        known |= {subject[1:-1] for subject, _, _ in found}
        unknown += [(one.path, link) for link in one.links if link.subject not in known]
        kept = one.holding(tuple(link for link in one.links if link.subject in known))
        writer.graph |= set_statements(kept, base)
        _give_readings(writer, kept, found)
    _report(graphs, names, sets, known)
    if with_same_as:
        graphs[names.graph(SAME_AS_GRAPH)] |= same_as((link for one in sets for link in one.links), base)
    return unknown


def _report(graphs: Graphs, names: DatasetNames, sets: list[MappingSet], known: set[str]) -> None:
    """Write what is off in the sets into the report, where the page on quality finds it."""
    out = Writer(graphs, names, "report")
    numbers: dict[str, int] = {}
    for fault in check_sets(sets, known.__contains__):
        number = numbers[fault.set] = numbers.get(fault.set, 0) + 1
        node = names.thing("finding", f"{FOLDER}-{fault.set}/{number}")
        out.thing(node, FG.Finding, f"{fault.code}, {fault.place}")
        out.say(node, FG.findingCode, Literal(fault.code))
        out.say(node, FG.severity, Literal(fault.severity))
        out.say(node, FG.message, Literal(f"{fault.message} ({fault.place})"))
        if fault.subject in known:
            out.say(node, FG.about, URIRef(fault.subject))


def _things(graphs: Graphs, names: DatasetNames) -> set[str]:
    """Return the IRIs of all that has a class, below the base of the dataset."""
    kind, start = name_of(RDF.type), f"<{names.base}"
    hidden = set(names.hidden_graphs())
    return {
        subject[1:-1]
        for name, graph in graphs.items()
        if name not in hidden
        for subject, predicate, _ in graph
        if predicate == kind and subject.startswith(start)
    }


def _give_readings(writer: Writer, mapping_set: MappingSet, described: Iterable[Name]) -> None:
    """Say of each statement that a set makes of a thing in which row it stands, and where that has it from."""
    rows = {link.subject: link for link in reversed(mapping_set.links)}
    for triple in described:
        if triple[0][1:-1] in rows:
            _give_reading(writer, triple, mapping_set, rows[triple[0][1:-1]])
    for link in links_to_things(mapping_set.links):
        for triple in assertions(link, writer.names.base):
            if triple[0] == f"<{link.subject}>":
                _give_reading(writer, triple, mapping_set, link)


def _give_reading(writer: Writer, triple: Name, mapping_set: MappingSet, link: Link) -> None:
    subject, predicate, value = (node_of(part) for part in triple)
    assert isinstance(subject, URIRef)
    assert isinstance(predicate, URIRef)
    node = writer.reading(subject, predicate, value)
    add = writer.provenance.add
    add((node, FG.readingRule, Literal(f"{FOLDER}/{Path(mapping_set.path).name} line {link.line}")))
    add((node, FG.confidence, Literal(confidence_word(link.confidence))))
    if said := source_of(link):
        add((node, DCTERMS.source, URIRef(said) if _WEB.fullmatch(said) else Literal(said)))
    if link.comment:
        add((node, FG.note, Literal(link.comment)))
