"""A thing and what belongs to it, looked up: what ``pages/thing_graph.rq`` gives, without a query.

The query takes some ten milliseconds of a worker for each thing, nearly all of them the engine's preparation; this takes one.
A test holds the two against each other.
"""

from __future__ import annotations

from fundgraph.export.things import Things, Triple, full

#: What these lead to belongs to a thing, and is described with all of it.
_WITH = tuple(
    full(name)
    for name in (
        "fg:hasParticipation", "fg:hasTopicAssignment", "fg:hasIdentifier", "fg:cites", "fg:readFrom",
        "fg:holdsParticipation", "time:hasBeginning", "time:hasEnd",
    )
)  # fmt: skip
#: Of these parts the passages belong to it too.
_READ_WITH = tuple(
    full(name) for name in ("fg:hasParticipation", "fg:hasTopicAssignment", "fg:holdsParticipation")
)
#: Of what these lead to only type and label are told.
_NAMED = tuple(
    full(name)
    for name in (
        "fg:hasParticipant", "fg:participatesIn", "fg:hasTopic", "fg:involves", "fg:inPhase", "fg:worksWith",
        "fg:worksOn", "fg:affiliatedWith", "fg:funder",
    )
)  # fmt: skip
_READ_FROM, _BRIEF = full("fg:readFrom"), (full("rdf:type"), full("rdfs:label"))
#: Where more things than this belong to one or are named, looking them up one by one takes longer than the query.
MOST = 2000


def description(things: Things, thing: str, *, most: int | None = None) -> list[Triple] | None:
    """Return the triples that describe a thing, sorted; ``None`` where it leads to more than ``most`` others, or :data:`MOST`."""

    def ends(subject: str, links: tuple[str, ...]) -> dict[str, None]:
        said = things.properties(subject)
        values = (value for link in links for value in said.get(link, ()))
        return {value[1:-1] if value[0] == "<" else value: None for value in values if value[0] != '"'}

    whole, named = {thing: None} | ends(thing, _WITH), ends(thing, _NAMED)
    if len(whole) + len(named) > (MOST if most is None else most):
        return None
    for part in ends(thing, _READ_WITH):
        whole |= ends(part, (_READ_FROM,))
    found = {
        (subject, predicate, value)
        for subject in whole
        for predicate, values in things.properties(subject).items()
        for value in values
    }
    for subject in named:
        found |= {
            (subject, predicate, value)
            for predicate in _BRIEF
            for value in things.properties(subject).get(predicate, ())
        }
    return sorted((_term(subject), f"<{predicate}>", value) for subject, predicate, value in found)


def _term(name: str) -> str:
    return name if name.startswith("_:") else f"<{name}>"
