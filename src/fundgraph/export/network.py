"""The graph as a network of things and typed ties, for Gephi, yEd, Cytoscape, igraph or networkx: GraphML and GEXF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from fundgraph.export.things import Things

Value = str | int | float | bool

#: Kinds of nodes: class, and attributes with the property that each is of.
_NODES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "programme": ("fg:Programme", {"code": "fg:code", "start": "fg:startDate", "end": "fg:endDate"}),
    "phase": ("fg:FundingPhase", {"number": "fg:number", "start": "fg:startDate", "end": "fg:endDate"}),
    "project": (
        "fg:Project",
        {
            "acronym": "fg:acronym", "code": "fg:code", "position": "fg:position", "start": "fg:startDate",
            "end": "fg:endDate",
        },
    ),
    "person": ("fg:Person", {"family_name": "fg:familyName", "honorific": "fg:honorific"}),
    "organisation": ("fg:Organisation", {"acronym": "fg:acronym", "country": "fg:country"}),
    "topic": ("fg:Topic", {}),
    "publication": ("fg:Publication", {"year": "fg:year"}),
}  # fmt: skip
_WHOLE_NUMBERS = frozenset(("number", "position", "year"))
#: Kinds of ties: the property that is one.
_TIES: Mapping[str, str] = {
    "part of": "fg:partOfProgramme", "in phase": "fg:inPhase", "next": "fg:nextPhase", "funder": "fg:funder",
    "affiliated with": "fg:affiliatedWith", "member of": "fg:memberOf", "broader": "skos:broader",
    "cites": "fg:cites", "works with": "fg:worksWith", "name resembles": "fg:nameResembles",
}  # fmt: skip
#: Ties that hold both ways, and are written once; readers know no networks of both sorts of ties.
_SYMMETRIC = frozenset(("works with", "name resembles"))
_TYPES = {str: "string", int: "long", float: "double", bool: "boolean"}


@dataclass(frozen=True, slots=True)
class Tie:
    """A tie from one node to another."""

    source: str
    target: str
    kind: str
    attributes: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Network:
    """Nodes with their attributes, by IRI, and ties; both sorted."""

    nodes: Mapping[str, Mapping[str, Value]]
    ties: tuple[Tie, ...]


def network_of(things: Things) -> Network:
    """Return things and ties; a participation or an assignment of a topic is a tie with attributes."""
    nodes: dict[str, dict[str, Value]] = {}
    for kind, (class_, attributes) in _NODES.items():
        for thing in things.of_class(class_):
            node: dict[str, Value] = {"label": things.label(thing), "kind": kind}
            for name, property_ in attributes.items():
                text = things.text(thing, property_)
                if text is not None:
                    whole = name in _WHOLE_NUMBERS and text.removeprefix("-").isdecimal()
                    node[name] = int(text) if whole else text
            nodes.setdefault(thing, node)
    for person in things.of_class("fg:PrincipalInvestigator"):
        nodes[person]["leads"] = True
    ties = sorted(set(_plain(things, nodes)) | set(_parts(things, nodes)), key=_order)
    return Network({iri: nodes[iri] for iri in sorted(nodes)}, tuple(_tie(*one) for one in ties))


_Bare = tuple[str, str, str, tuple[tuple[str, Value], ...]]


def _order(tie: _Bare) -> tuple[str, str, str, str]:
    return (*tie[:3], repr(tie[3]))


def _tie(source: str, target: str, kind: str, attributes: tuple[tuple[str, Value], ...]) -> Tie:
    return Tie(source, target, kind, dict(attributes))


def _plain(things: Things, nodes: Mapping[str, object]) -> Iterator[_Bare]:
    for kind, property_ in _TIES.items():
        for thing in nodes:
            for other in things.iris(thing, property_):
                if other in nodes and other != thing:
                    source, target = sorted((thing, other)) if kind in _SYMMETRIC else (thing, other)
                    yield source, target, kind, ()


def _parts(things: Things, nodes: Mapping[str, object]) -> Iterator[_Bare]:
    for part in things.of_class("fg:Participation"):
        project = things.iri(part, "fg:inProject")
        who = things.iri(part, "fg:participant", "fg:participatingOrganisation")
        if project in nodes and who in nodes and project is not None and who is not None:
            role, phase = things.iri(part, "fg:withRole"), things.iri(part, "fg:duringPhase")
            said: list[tuple[str, Value]] = []
            if role is not None:
                said.append(("role", things.label(role)))
            number = None if phase is None else things.text(phase, "fg:number")
            if number is not None and number.isdecimal():
                said.append(("phase", int(number)))
            yield who, project, "takes part in", tuple(said)
    for assignment in things.of_class("fg:TopicAssignment"):
        project, topic = things.iri(assignment, "fg:ofProject"), things.iri(assignment, "fg:assignedTopic")
        if project in nodes and topic in nodes and project is not None and topic is not None:
            score = things.text(assignment, "fg:score")
            yield project, topic, "has topic", () if score is None else (("score", float(score)),)


def _attributes(found: Iterable[Mapping[str, Value]]) -> dict[str, str]:
    """Return the attributes that there are, by name, with the type that fits all of their values."""
    types: dict[str, str] = {}
    for attributes in found:
        for name, value in attributes.items():
            type_ = _TYPES[type(value)]
            types[name] = type_ if types.get(name, type_) == type_ else "string"
    return dict(sorted(types.items()))


def _text(value: Value) -> str:
    """Return a value as XML has it; what XML cannot hold is left out."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "".join(c for c in str(value) if c in "\t\n\r" or " " <= c not in "\ufffe\uffff")


def graphml(network: Network) -> Iterator[bytes]:
    """Yield a network as GraphML; the ids of nodes are their IRIs."""
    keys = {"node": _attributes(network.nodes.values())}
    keys["edge"] = _attributes(_said(tie) for tie in network.ties)
    yield (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns"'
        b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation='
        b'"http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">\n'
    )
    for holder, types in keys.items():
        for name, type_ in types.items():
            line = f'<key id="{holder}-{name}" for="{holder}" attr.name="{name}" attr.type="{type_}"/>\n'
            yield line.encode()
    yield b'<graph id="G" edgedefault="directed">\n'
    for iri, attributes in network.nodes.items():
        yield f"<node id={quoteattr(iri)}>{_data('node', attributes)}</node>\n".encode()
    for number, tie in enumerate(network.ties):
        ends = f"source={quoteattr(tie.source)} target={quoteattr(tie.target)}"
        yield f'<edge id="e{number}" {ends}>{_data("edge", _said(tie))}</edge>\n'.encode()
    yield b"</graph>\n</graphml>\n"


def _said(tie: Tie) -> Mapping[str, Value]:
    return {"kind": tie.kind, **tie.attributes}


def _data(holder: str, attributes: Mapping[str, Value]) -> str:
    return "".join(
        f'<data key="{holder}-{name}">{escape(_text(value))}</data>' for name, value in sorted(attributes.items())
    )


def gexf(network: Network, title: str, day: str) -> Iterator[bytes]:
    """Yield a network as GEXF 1.3; ``day`` is the release's, and not the one on which it is written."""
    keys = {"node": _attributes(_more(node) for node in network.nodes.values())}
    keys["edge"] = _attributes(tie.attributes for tie in network.ties)
    numbers = {holder: {name: str(at) for at, name in enumerate(types)} for holder, types in keys.items()}
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://gexf.net/1.3" version="1.3">\n'
        f"<meta lastmodifieddate={quoteattr(day)}><creator>fundgraph</creator>"
        f"<description>{escape(_text(title))}</description></meta>\n"
        '<graph defaultedgetype="directed" mode="static" idtype="string">\n'
    ).encode()
    for holder, types in keys.items():
        yield f'<attributes class="{holder}" mode="static">\n'.encode()
        for name, type_ in types.items():
            line = f'<attribute id="{numbers[holder][name]}" title="{name}" type="{type_}"/>\n'
            yield line.encode()
        yield b"</attributes>\n"
    yield b"<nodes>\n"
    for iri, attributes in network.nodes.items():
        label = quoteattr(_text(attributes["label"]))
        values = _attvalues(_more(attributes), numbers["node"])
        yield f"<node id={quoteattr(iri)} label={label}>{values}</node>\n".encode()
    yield b"</nodes>\n<edges>\n"
    for number, tie in enumerate(network.ties):
        ends = f"source={quoteattr(tie.source)} target={quoteattr(tie.target)}"
        kind, values = quoteattr(tie.kind), _attvalues(tie.attributes, numbers["edge"])
        yield f'<edge id="{number}" {ends} kind={kind} label={kind}>{values}</edge>\n'.encode()
    yield b"</edges>\n</graph>\n</gexf>\n"


def _more(attributes: Mapping[str, Value]) -> Mapping[str, Value]:
    return {name: value for name, value in attributes.items() if name != "label"}


def _attvalues(attributes: Mapping[str, Value], numbers: Mapping[str, str]) -> str:
    values = "".join(
        f'<attvalue for="{numbers[name]}" value={quoteattr(_text(value))}/>'
        for name, value in sorted(attributes.items())
    )
    return f"<attvalues>{values}</attvalues>" if values else ""
