"""Who is who in two releases: things under another IRI whose statements are the same, and names that changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import SequenceMatcher

from fundgraph.difference.state import LABEL, NAMES, SKOS, State, fg, value_of
from fundgraph.difference.words import Change

#: Classes of things that people know by name.
NAMED = ("Project", "Person", "Organisation", "Publication", "Topic", "FundingPhase")
#: Things that only tie others together; their IRIs are made of those of others.
_TIES = frozenset(fg(name) for name in ("Participation", "TopicAssignment", "Identifier"))
#: What differs when a thing gets another name, or its source another line.
_LEFT_OUT = frozenset(NAMES) | {
    fg(name)
    for name in (
        "familyName", "readFrom", "position", "nameAsPrinted", "code", "wasReadFrom", "score", "inProject",
        "participant", "ofProject",
    )
} | {f"<{SKOS}altLabel>", f"<{SKOS}hiddenLabel>", LABEL}  # fmt: skip
#: So much of what is said of both together must be the same.
_ALIKE = 0.6
#: So alike are the names of one person; more alike are spellings of one name.
_NAMESAKE, _SPELLING = 0.6, 0.85


def likeness(one: str, other: str) -> float:
    """Tell how alike two names are, from 0 to 1.

    >>> likeness("Bern Sturmfels", "Bernd Sturmfels") > 0.9, likeness("Ada Quell", "Ben Bach") < 0.5
    (True, True)
    """
    return SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False).ratio()


def successors(old: State, new: State, gone: Collection[str], fresh: Collection[str]) -> dict[str, str]:
    """Return the things of the old release that the new one has under another IRI, with that IRI.

    A successor has the class of its predecessor and holds the same statements, apart from names and places; a person's
    name must be alike as well, for who takes over somebody's place in a project is somebody else.
    """
    unstable = set(gone) | set(fresh)
    found: dict[str, str] = {}
    for name in NAMED:
        class_ = fg(name)
        before = sorted(thing for thing in gone if class_ in old.types(thing))
        after = sorted(thing for thing in fresh if class_ in new.types(thing))
        if not before or not after or len(before) * len(after) > 1_000_000:
            continue
        features = {thing: _features(old, thing, unstable) for thing in before}
        features |= {thing: _features(new, thing, unstable) for thing in after}
        pairs = sorted(
            (score, names, was, now)
            for was in before
            for now in after
            if (score := _shared(features[was], features[now])) >= _ALIKE
            and ((names := likeness(old.label(was), new.label(now))) >= _NAMESAKE or name == "Project")
        )
        taken: set[str] = set()
        for _, _, was, now in reversed(pairs):
            if was not in found and now not in taken:
                found[was] = now
                taken.add(now)
    return found


def _shared(one: frozenset[object], other: frozenset[object]) -> float:
    both = len(one & other)
    return both / len(one | other) if both > 1 else 0.0


def _features(state: State, thing: str, unstable: Collection[str]) -> frozenset[object]:
    """Return what is said of a thing in terms of those that both releases have; through ties, of what they tie it to."""
    found: set[object] = set()
    for name, values in state.of(thing).items():
        if name in _LEFT_OUT:
            continue
        for value in values:
            if value not in unstable:
                found.add((name, value))
            elif state.types(value) & _TIES:
                found.add((name, _tied(state, value, unstable)))
    return frozenset(found)


def _tied(state: State, tie: str, unstable: Collection[str]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (name, value)
        for name, values in state.of(tie).items()
        if name != LABEL and name != fg("readFrom") and name != fg("position") and name != fg("nameAsPrinted")
        for value in values
        if value not in unstable
    )


def renamed(was: str, now: str, iri: str) -> Change:
    """Say that a name became another: a correction if little of it changed."""
    kind = "corrected" if likeness(was, now) >= _SPELLING else "renamed"
    return Change(kind, before=was, after=now, iris=(value_of(iri),))


def names_changed(old: State, new: State, kept: Collection[str]) -> Iterator[Change]:
    """Yield the changes of names of things that kept their IRI, and the misspelt forms that a source no longer has."""
    classes = {fg(name) for name in NAMED}
    for thing in sorted(kept):
        if not classes & new.types(thing):
            continue
        yield from _renames(old, new, thing)
        hidden = f"<{SKOS}hiddenLabel>"
        now = new.label(thing)
        mended = old.of(thing).get(hidden, frozenset()) - new.of(thing).get(hidden, frozenset())
        for form in sorted(value_of(term) for term in mended):
            if form != now:
                yield Change("corrected", before=form, after=now, iris=(value_of(thing),))


def _renames(old: State, new: State, thing: str) -> Iterator[Change]:
    told = set()
    for name in NAMES:
        was, now = old.of(thing).get(name, frozenset()), new.of(thing).get(name, frozenset())
        gone, come = _by_language(was - now), _by_language(now - was)
        for language in sorted(gone.keys() & come.keys()):
            pair = (gone[language], come[language])
            if pair not in told:
                told.add(pair)
                yield renamed(*pair, thing)
        if told:
            return


def _by_language(terms: frozenset[str]) -> dict[str, str]:
    return {term.rpartition('"')[2]: value_of(term) for term in sorted(terms)}
