"""What changed of projects, people, roles, phases, topics, documents, findings and links, thing by thing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from fundgraph.difference.state import State, fg, value_of
from fundgraph.difference.words import SENTENCES, Change

ORDER = tuple(SENTENCES)
#: Properties with one value: what they are called in a sentence.
_VALUES = {
    "code": "the code", "acronym": "the acronym", "kind": "the kind", "startDate": "the start", "endDate": "the end",
    "year": "the year", "homepage": "the homepage", "honorific": "the title before the name",
}  # fmt: skip
#: Properties with long values, of which only is said that they changed.
_TEXTS = {fg("abstract"): "the abstract", "<http://www.w3.org/2004/02/skos/core#definition>": "the definition"}
#: Classes of which is told what came and what went: the word in the kind of change.
_COUNTED = {
    "FundingPhase": "phases", "Document": "documents", "Topic": "topics", "Publication": "publications",
    "Organisation": "organisations", "Identifier": "identifiers",
}  # fmt: skip
_LONGEST_QUOTE = 60
#: So many things have a sentence each for a value that changed; more are told in one.
_MOST_VALUES = 3


@dataclass(frozen=True, slots=True)
class _Part:
    """A participation: whose (a person's, an organisation's), in what, when (empty if no phase is known), as what."""

    person: str
    project: str
    phase: str
    roles: frozenset[str]


class Teller:
    """Tells what changed of the things of two states; ``same`` maps old IRIs to those of their successors."""

    def __init__(self, old: State, new: State, things: Collection[str], same: Mapping[str, str]) -> None:
        self.old, self.new, self.same = old, new, same
        self.things = sorted(things)
        successors = set(same.values())
        self.gone = [one for one in self.things if old.has(one) and not new.has(one) and one not in same]
        self.fresh = [one for one in self.things if new.has(one) and not old.has(one) and one not in successors]

    def changes(self) -> Iterator[Change]:
        """Yield all changes."""
        yield from self._counted()
        yield from self._documents()
        yield from self._projects()
        yield from self._people()
        yield from self._affiliations()
        yield from self._values()
        yield from self._assignments()
        yield from self._findings()
        yield from self._claims()
        yield from self._links()

    def _is(self, thing: str, class_: str) -> bool:
        return fg(class_) in self.old.types(thing) or fg(class_) in self.new.types(thing)

    def _name(self, thing: str) -> str:
        return self.new.label(thing) if self.new.has(thing) else self.old.label(thing)

    def _many(self, kind: str, things: Collection[str], where: str = "") -> Iterator[Change]:
        if things:
            named = sorted((self._name(one), one) for one in things)
            yield Change(
                kind,
                len(named),
                tuple(name for name, _ in named),
                tuple(value_of(one) for _, one in named),
                where=where and self._name(where),
            )

    def _counted(self) -> Iterator[Change]:
        for class_, word in _COUNTED.items():
            yield from self._many(f"{word}-added", [one for one in self.fresh if self._is(one, class_)])
            yield from self._many(f"{word}-removed", [one for one in self.gone if self._is(one, class_)])

    def _documents(self) -> Iterator[Change]:
        documents = (one for one in self.things if self._is(one, "Document"))
        pairs = ((one, self.old.all(one, "sha256"), self.new.all(one, "sha256")) for one in documents)
        yield from self._many("documents-changed", [one for one, was, now in pairs if was and now and was != now])

    def _projects(self) -> Iterator[Change]:
        added, continued, removed = (defaultdict[str, list[str]](list) for _ in range(3))
        was_of = {now: was for was, now in self.same.items()}
        for one in self.things:
            if not self._is(one, "Project") or one in self.same:
                continue
            before, after = self.old.all(was_of.get(one, one), "inPhase"), self.new.all(one, "inPhase")
            if one in self.fresh:
                for phase in after or {""}:
                    added[phase].append(one)
            elif one in self.gone:
                for phase in before or {""}:
                    removed[phase].append(one)
            else:
                for phase in after - before:
                    continued[phase].append(one)
                for phase in before - after:
                    removed[phase].append(one)
        for kind, groups in (
            ("projects-added", added),
            ("projects-continued", continued),
            ("projects-removed", removed),
        ):
            for phase in sorted(groups):
                yield from self._many(kind, groups[phase], phase)

    def _people(self) -> Iterator[Change]:
        before, after = self._parts(self.old, self.same), self._parts(self.new, {})
        moved: dict[str, set[str]] = {"joined": set(), "left": set()}
        for kind, here, there, state, other in (
            ("joined", after, before, self.new, self.old),
            ("left", before, after, self.old, self.new),
        ):
            phases: dict[str, set[str]] = defaultdict(set)
            for part in here:
                if not self._is(part.person, "Person"):
                    continue
                elsewhere = self._phases(other, self._other(part.person, other)) | {
                    one.phase for one in there if one.person == part.person
                }
                if part.phase not in elsewhere:
                    phases[part.phase].add(part.person)
                    moved[kind].add(f"{part.person} {part.phase}")
            for phase in sorted(phases):
                yield from self._many(kind, phases[phase], phase)
            apart = self.fresh if state is self.new else self.gone
            alone = {one for one in apart if self._is(one, "Person")} - {part.person for part in here}
            yield from self._many(kind, alone)
        yield from self._roles(before, after, moved)

    def _other(self, person: str, state: State) -> str:
        """Return the IRI under which the old state knows a person of the new one."""
        if state is self.old:
            return next((was for was, now in self.same.items() if now == person), person)
        return person

    def _parts(self, state: State, same: Mapping[str, str]) -> set[_Part]:
        found = set()
        for one in self.things:
            if fg("Participation") in state.types(one):
                person = state.one(one, "participant") or state.one(one, "participatingOrganisation")
                project = state.one(one, "inProject")
                roles = frozenset(state.all(one, "withRole"))
                phase = state.one(one, "duringPhase")
                found.add(_Part(same.get(person, person), same.get(project, project), phase, roles))
        return found

    @staticmethod
    def _phases(state: State, person: str) -> set[str]:
        parts = state.all(person, "holdsParticipation")
        return {phase for part in parts for phase in state.all(part, "duringPhase") or {""}}

    def _roles(self, before: set[_Part], after: set[_Part], moved: Mapping[str, set[str]]) -> Iterator[Change]:
        """Tell who is in another project or another role now, of those who did not come or go as a whole."""
        was = {(one.person, one.project, one.phase): one.roles for one in before}
        now = {(one.person, one.project, one.phase): one.roles for one in after}
        for kind, here, there, told in (
            ("takes-part", now, was, moved["joined"]),
            ("takes-part-no-more", was, now, moved["left"]),
        ):
            groups: dict[str, set[str]] = defaultdict(set)
            for person, project, phase in here.keys() - there.keys():
                known = self.old.has(project) and self.new.has(project)
                if f"{person} {phase}" not in told and (known or project in self.same.values()):
                    groups[project].add(person)
            for project in sorted(groups):
                yield from self._many(kind, groups[project], project)
        for key in sorted(was.keys() & now.keys()):
            if was[key] != now[key]:
                person, project, _ = key
                yield Change(
                    "role",
                    names=(self._name(person),),
                    iris=(value_of(person), value_of(project)),
                    where=self._name(project),
                    before=self._role(self.old, was[key]),
                    after=self._role(self.new, now[key]),
                )

    @staticmethod
    def _role(state: State, roles: Collection[str]) -> str:
        return ", ".join(sorted(state.label(role) for role in roles)) or "—"

    def _affiliations(self) -> Iterator[Change]:
        come, gone = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
        for one in self.things:
            if self._is(one, "Person") and self.old.has(one) and self.new.has(one):
                before, after = self.old.all(one, "affiliatedWith"), self.new.all(one, "affiliatedWith")
                for place in after - before:
                    come[place].add(one)
                for place in before - after:
                    gone[place].add(one)
        for kind, groups in (("affiliated", come), ("affiliated-no-more", gone)):
            for place in sorted(groups):
                yield from self._many(kind, groups[place], place)

    def _values(self) -> Iterator[Change]:
        kinds = ("Project", "Person", "Organisation", "Publication", "Topic", "FundingPhase", "Programme")
        kept = [one for one in self.things if self.old.has(one) and self.new.has(one)]
        kept = [one for one in kept if any(self._is(one, kind) for kind in kinds)]
        for name, what in _VALUES.items():
            told: dict[str, list[Change]] = {"value": [], "value-added": [], "value-removed": []}
            for one in kept:
                before, after = self.old.all(one, name), self.new.all(one, name)
                if before != after:
                    was, now = (", ".join(sorted(map(value_of, some))) for some in (before, after))
                    kind = "value-added" if not was else "value-removed" if not now else "value"
                    iris = (value_of(one),)
                    told[kind].append(Change(kind, 1, (), iris, what, self._name(one), was, now))
            for kind, some in told.items():
                yield from some if len(some) <= _MOST_VALUES else [_together(kind, some)]
        for name, what in _TEXTS.items():
            changed = [one for one in kept if self.old.of(one).get(name) != self.new.of(one).get(name)]
            for change in self._many("text", changed):
                yield Change("text", change.count, change.names, change.iris, what=what)

    def _assignments(self) -> Iterator[Change]:
        def pairs(state: State, same: Mapping[str, str]) -> set[tuple[str, str]]:
            ties = [one for one in self.things if fg("TopicAssignment") in state.types(one)]
            found = {(state.one(one, "ofProject"), state.one(one, "assignedTopic")) for one in ties}
            return {(same.get(project, project), same.get(topic, topic)) for project, topic in found}

        before, after = pairs(self.old, self.same), pairs(self.new, {})
        apart = {*self.fresh, *self.gone}
        for kind, some in (("topics-assigned", after - before), ("topics-withdrawn", before - after)):
            told = sorted((self._name(topic), self._name(project), topic, project)
                          for project, topic in some if project not in apart)  # fmt: skip
            if told:
                names = tuple(f"{topic} ({project})" for topic, project, _, _ in told)
                yield Change(kind, len(told), names, tuple(value_of(project) for _, _, _, project in told))

    def _findings(self) -> Iterator[Change]:
        before, after = self._findings_of(self.old, self.same), self._findings_of(self.new, {})
        for kind, some in (("findings-resolved", before - after), ("findings-new", after - before)):
            names = tuple(sorted(_finding(code, quote) for code, quote, _ in some.elements()))
            iris = tuple(sorted({value_of(about) for _, _, about in some if about}))
            if names:
                yield Change(kind, len(names), names, iris)

    def _findings_of(self, state: State, same: Mapping[str, str]) -> Counter[tuple[str, str, str]]:
        """Count the findings of a state by code, quote and what they are about: their numbers say nothing."""
        found: Counter[tuple[str, str, str]] = Counter()
        for one in self.things:
            if fg("Finding") in state.types(one):
                about = state.one(one, "about")
                key = value_of(state.one(one, "findingCode")), value_of(state.one(one, "quote"))
                found[*key, same.get(about, about)] += 1
        return found

    def _claims(self) -> Iterator[Change]:
        for kind, wanted in (("claims-agree", "true"), ("claims-disagree", "false")):
            changed = [
                one
                for one in self.things
                if self._is(one, "Claim")
                and self.old.has(one)
                and value_of(self.new.one(one, "agrees")) == wanted
                and value_of(self.old.one(one, "agrees")) not in ("", wanted)
            ]
            yield from self._many(kind, changed)

    def _links(self) -> Iterator[Change]:
        for kind, some in (("links-added", self.fresh), ("links-removed", self.gone)):
            sets = Counter(
                value_of(one).rpartition("/")[0].rpartition("/")[2] for one in some if self._is(one, "Link")
            )
            for name in sorted(sets):
                yield Change(kind, sets[name], where=name)


def _together(kind: str, some: list[Change]) -> Change:
    """Tell of many things at once what would be a sentence each."""
    iris = tuple(iri for one in some for iri in one.iris)
    names = tuple(one.where for one in some)
    return Change(kind.replace("value", "values"), len(some), names, iris, what=some[0].what)


def _finding(code: str, quote: str) -> str:
    if not quote:
        return code
    return f"{code} “{quote if len(quote) <= _LONGEST_QUOTE else quote[: _LONGEST_QUOTE - 1] + '…'}”"
