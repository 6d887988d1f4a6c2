"""Answers to batches of reconciliation queries: candidates, each with a score and the features that it is made of."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fundgraph.errors import QueryDeadlineError
from fundgraph.kg import KnowledgeGraph
from fundgraph.link.schemes import SCHEMES, scheme_and_value
from fundgraph.reconcile.asking import Asked, Property
from fundgraph.reconcile.comparing import Likeness, WantedName, compare, similarity
from fundgraph.reconcile.properties import (
    TYPES,
    Known,
    Type,
    property_named,
    things_query,
    type_named,
    values_query,
)
from fundgraph.store.identities import Named, key_of
from fundgraph.terms import FG

__all__ = ["FEATURES", "Reconciler", "score_of", "types_of"]

#: What a score is made of: the id of a feature, and what it says.
FEATURES: Mapping[str, str] = {
    "name_similarity": "How like the best of the thing's names is to the one asked for, from 0 to 1.",
    "name_exact": "Whether one of its names is the very one, but for capitals, accents, punctuation and titles.",
    "name_misspelt": "Whether the name that fits best is one that a source spells wrongly.",
    "name_short": "Whether the name that fits best is an acronym or a code.",
    "initials_only": "Whether a given name is only an initial on one side.",
    "namesakes": "How many things have the very name asked for.",
    "type_match": "Whether the thing is of a type asked for.",
    "properties": "The mean of the features of the properties that are known of the thing.",
    "identifier_match": "Whether the thing has the identifier asked for.",
    "identifier_conflict": "Whether the thing has another identifier of the same scheme.",
}
#: The most that a name counts where properties are known, and what remains of a score in case of …
NAME, PROPERTIES_WEIGHT = 0.75, 0.25
OTHER_TYPE, CONFLICT = 0.8, 0.5
LEAST = 30.0
#: How like names have to be where an identifier says that two are one, and the score where they are not.
SAFE_NAME, CONTRADICTED = 0.5, 60.0
_SAFE_PROPERTY = 0.8
_LOOKED_AT = 60
_WITH_PROPERTIES = 25
_FACETS: Mapping[str, tuple[str, ...]] = {
    "projects": ("projects-phase", "projects-kind", "projects-organisation"),
    "people": ("people-organisation", "people-role", "people-phase"),
    "organisations": ("organisations-phase",),
}
_MOST_FACETS = 4
_OWN_ID = re.compile(r"[a-z]+/[\w.~%-]+")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


@dataclass(slots=True)
class _Candidate:
    """A thing that may be meant, with what speaks for it."""

    number: int
    named: Named
    likeness: Likeness
    features: dict[str, float | bool] = field(default_factory=dict)
    score: float = 0.0
    match: bool = False


def score_of(features: Mapping[str, float | bool]) -> float:
    """Return the score, from 0 to 100, that follows from features alone.

    >>> score_of({"name_similarity": 1.0, "properties": 0.5, "type_match": True})
    87.5
    """
    name, properties = features.get("name_similarity"), features.get("properties")
    if features.get("identifier_match") and not features.get("identifier_conflict"):
        return 100.0 if name is None or name >= SAFE_NAME else CONTRADICTED
    if name is None:
        score = float(properties or 0.0)
    else:
        score = float(name) if properties is None else NAME * name + PROPERTIES_WEIGHT * properties
    if features.get("type_match") is False:
        score *= OTHER_TYPE
    if features.get("identifier_conflict"):
        score *= CONFLICT
    return round(100 * score, 2)


def types_of(named: Named, say: Callable[[str], str] = str) -> list[dict[str, str]]:
    """Return the types of a thing, the narrowest first; ``say`` puts their names into the reader's language."""
    found = [TYPES[name] for name in (iri.removeprefix(FG) for iri in named.classes) if name in TYPES]
    found.sort(key=lambda one: (not one.broader, one.id))
    return [{"id": one.id, "name": say(one.name)} for one in found]


class Reconciler:
    """Answers for the release that a graph is at; ``say`` puts the names of types into the reader's language."""

    def __init__(self, kg: KnowledgeGraph, say: Callable[[str], str] = str) -> None:
        self._say = say
        self.identities = kg.identities
        self._select = kg.select
        self.base = kg.base

    def answer(self, batch: Mapping[str, Asked], seconds: float) -> dict[str, Any]:
        """Answer a batch. Raises :class:`QueryDeadlineError` if it takes longer than this."""
        until = time.monotonic() + seconds
        found = {}
        for name, asked in batch.items():
            if time.monotonic() > until:
                raise QueryDeadlineError(seconds)
            found[name] = self._candidates(asked)
        self._compare_properties([(batch[name], one) for name, one in found.items()])
        return {name: {"result": self._told(batch[name], one)} for name, one in found.items()}

    # --- finding

    def _candidates(self, asked: Asked) -> list[_Candidate]:
        types = [one for one in map(type_named, asked.types) if one is not None]
        if asked.types and not types and asked.strict != "should":
            return []
        wanted = WantedName.of(asked.text)
        exact = self.identities.exact(wanted.keys) if asked.text else {}
        numbers = dict.fromkeys(exact)
        if asked.text:
            numbers |= dict.fromkeys(self.identities.near(asked.text, certain=bool(exact)))
        by_text, by_property = self._by_identifier(asked)
        numbers |= dict.fromkeys((*by_text, *by_property))
        if not asked.text:
            numbers |= dict.fromkeys(self._by_property(asked.properties))
        candidates = []
        for number, named in self.identities.named(numbers).items():
            if not _fits(named, types, asked.strict):
                continue
            likeness = (
                compare(wanted, named.forms, is_person=named.kind == "people")
                if asked.text
                else Likeness(0, "label")
            )
            candidates.append(_Candidate(number, named, likeness))
        candidates = [one for one in candidates if one.named.kind != "documents"]
        namesakes = sum(one.likeness.exact for one in candidates)
        for one in candidates:
            one.features = {} if one.number in by_text or not asked.text else _name_features(one, namesakes)
            if types:
                one.features["type_match"] = any(_is_of(one.named, type_) for type_ in types)
            if one.number in by_text or one.number in by_property:
                one.features["identifier_match"] = True
            one.score = score_of(one.features)
        candidates.sort(key=_order)
        return candidates[: _LOOKED_AT if asked.properties else asked.limit + _WITH_PROPERTIES]

    def _by_identifier(self, asked: Asked) -> tuple[set[int], set[int]]:
        """Return the things whose identifier the text is, and those that have one that is given as a property."""
        text = asked.text
        iris = {self.iri_of(text)} if text.startswith(self.base) or _OWN_ID.fullmatch(text) else set()
        named = _identifier(text)
        if named is not None:
            iris |= self._sure(named[1], named[0])
        given = {
            iri
            for known, values in self._identifiers_asked(asked)
            for value in values
            for iri in self._sure(value, known.scheme)
        }
        by_text, by_property = (
            set(self.identities.numbers(some).values()) if some else set() for some in (iris, given)
        )
        return by_text, by_property

    def _sure(self, value: str, scheme: str) -> set[str]:
        return {one.iri for one in self.identities.known_by(value, (scheme,)) if one.confidence != "low"}

    def _identifiers_asked(self, asked: Asked) -> list[tuple[Known, list[str]]]:
        found = []
        for property_ in asked.properties:
            known = property_named(property_.id, self.identities.schemes)
            if known is not None and known.scheme:
                found.append(
                    (known, [_value_of(known.scheme, value.text or value.id) for value in property_.values])
                )
        return found

    def _by_property(self, properties: Sequence[Property]) -> list[int]:
        """Return the things that have a property's value, where no name is asked for."""
        found: list[int] = []
        for property_ in properties:
            known = property_named(property_.id, self.identities.schemes)
            if known is None or known.scheme:
                continue
            if not known.values:  # a text: names are found by it, anything else is not
                for value in property_.values:
                    found += self.identities.near(value.text)
                continue
            iris = self._things_meant(property_)
            if iris:
                rows = self._select(things_query(known, sorted(iris), 200))
                found += self.identities.numbers(str(row["thing"]) for row in rows).values()
        return found

    def _things_meant(self, property_: Property) -> set[str]:
        iris = {self.iri_of(value.id) for value in property_.values if value.id}
        keys = [key for value in property_.values for key in WantedName.of(value.text).keys]
        named = self.identities.named(self.identities.exact(keys)) if keys else {}
        return {iri for iri in iris if iri} | {one.iri for one in named.values()}

    def iri_of(self, given: str) -> str:
        """Return the IRI that an id of a thing means; the empty text if it is none of ours."""
        local = given.strip().removeprefix(self.base)
        return self.base + local if re.fullmatch(r"[A-Za-z0-9._~%/=,-]+", local) and "//" not in local else ""

    # --- comparing properties

    def _compare_properties(self, batch: Sequence[tuple[Asked, list[_Candidate]]]) -> None:
        wanted: dict[str, set[str]] = {}
        for asked, candidates in batch:
            for property_ in asked.properties:
                wanted.setdefault(property_.id, set()).update(one.named.iri for one in candidates)
        values = {}
        for id_, iris in wanted.items():
            known = property_named(id_, self.identities.schemes)
            if known is not None:
                values[id_] = known, self._values(known, iris)
        for asked, candidates in batch:
            for one in candidates:
                self._compare(asked, one, values)
            candidates.sort(key=_order)
            _settle(asked, candidates)

    def _values(self, known: Known, iris: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        ordered = sorted(iris)
        if known.scheme:
            for iri, ids in self.identities.identifiers_of(ordered).items():
                found[iri] = [
                    (one.value, one.value) for one in ids if one.scheme == known.scheme and one.confidence != "low"
                ]
            return found
        for at in range(0, len(ordered), 1000):
            for row in self._select(values_query(known, ordered[at : at + 1000])):
                found.setdefault(str(row["thing"]), []).append(
                    (str(row["value"]), row["label"] or str(row["value"]))
                )
        return found

    def _compare(
        self,
        asked: Asked,
        one: _Candidate,
        values: Mapping[str, tuple[Known, Mapping[str, list[tuple[str, str]]]]],
    ) -> None:
        compared = []
        for property_ in asked.properties:
            if property_.id not in values:
                continue
            known, found = values[property_.id]
            theirs = found.get(one.named.iri, [])
            if not theirs or not property_.values:
                continue
            value = max(
                self._fit(known, given.text, given.id, their) for given in property_.values for their in theirs
            )
            one.features[f"property:{property_.id}"] = round(value, 4)
            if known.scheme:
                one.features["identifier_match" if value == 1 else "identifier_conflict"] = True
            else:
                compared.append(value)
        if compared:
            one.features["properties"] = round(sum(compared) / len(compared), 4)
        one.score = score_of(one.features)

    def _fit(self, known: Known, text: str, id_: str, their: tuple[str, str]) -> float:
        value, label = their
        if id_ and known.values:
            return 1.0 if self.iri_of(id_) == value else 0.0
        if known.scheme:
            return 1.0 if _value_of(known.scheme, text or id_) == value else 0.0
        if _NUMBER.fullmatch(text) and _NUMBER.fullmatch(value):
            return 1.0 if float(text) == float(value) else 0.0
        if known.id.endswith("Date") or known.id == "year":  # 2021 fits 2021-03-01, and the other way round
            return 1.0 if value.startswith(text) or text.startswith(value) else 0.0
        return similarity(key_of(text), key_of(label))

    # --- telling

    def _told(self, asked: Asked, candidates: Sequence[_Candidate]) -> list[dict[str, Any]]:
        shown = [one for one in candidates if one.score >= LEAST][: asked.limit]
        return [
            {
                "id": one.named.iri.removeprefix(self.base),
                "name": one.named.label,
                "description": self.description(one.number, one.named.kind),
                "type": types_of(one.named, self._say),
                "score": one.score,
                "match": one.match,
                "features": [{"id": name, "value": value} for name, value in one.features.items()],
            }
            for one in shown
        ]

    def description(self, number: int, kind: str) -> str:
        """Return what tells a thing from others of its name: where, in which role, in which phase."""
        facets = _FACETS.get(kind, ())
        found = self.identities.beside(number, facets) if facets else ()
        return ", ".join([*found[:_MOST_FACETS], *(["…"] if len(found) > _MOST_FACETS else [])])


def _name_features(one: _Candidate, namesakes: int) -> dict[str, float | bool]:
    features: dict[str, float | bool] = {
        "name_similarity": round(one.likeness.value, 4), "name_exact": one.likeness.exact, "namesakes": namesakes,
    }  # fmt: skip
    for name, form in (("name_misspelt", "hidden"), ("name_short", "short")):
        if one.likeness.form == form:
            features[name] = True
    if one.likeness.initials:
        features["initials_only"] = True
    return features


def _order(one: _Candidate) -> tuple[float, str, str]:
    return -one.score, one.named.label, one.named.iri


def _is_of(named: Named, type_: Type) -> bool:
    return FG + type_.id in named.classes


def _fits(named: Named, types: Sequence[Type], strict: str) -> bool:
    if not types or strict == "should":
        return True
    fitting = [_is_of(named, type_) for type_ in types]
    return all(fitting) if strict == "all" else any(fitting)


def _settle(asked: Asked, candidates: Sequence[_Candidate]) -> None:
    """Say of at most one candidate that it is certain: by an identifier, or as the only one of exactly this name."""
    by_identifier = [one for one in candidates if one.features.get("identifier_match")]
    if by_identifier:
        safe = [one for one in by_identifier if _nothing_against(one) and _name_holds(one)]
        if len(by_identifier) == 1 and safe:
            safe[0].match = True
        return
    exact = [one for one in candidates if one.features.get("name_exact")]
    if len(exact) != 1 or exact[0].features.get("namesakes") != 1:
        return
    (one,) = exact
    is_short = one.likeness.form == "short" and not asked.types
    is_lone = one.named.kind == "people" and len(key_of(asked.text).split()) < 2
    if one.likeness.form != "hidden" and not is_short and not is_lone and _nothing_against(one):
        one.match = True


def _nothing_against(one: _Candidate) -> bool:
    against = one.features.get("identifier_conflict") or one.features.get("type_match") is False
    fitting = all(value >= _SAFE_PROPERTY for name, value in one.features.items() if name.startswith("property:"))
    return not against and fitting


def _name_holds(one: _Candidate) -> bool:
    return float(one.features.get("name_similarity", 1.0)) >= SAFE_NAME


def _identifier(text: str) -> tuple[str, str] | None:
    """Return scheme and value of a text that is an identifier of a scheme that tells its own by its form."""
    named = scheme_and_value(text.strip())
    if named is not None:
        return named
    for name in ("orcid", "ror"):
        scheme = SCHEMES[name]
        if scheme.pattern.fullmatch(text.strip()) and scheme.holds is not None and scheme.holds(text.strip()):
            return name, text.strip()
    return None


def _value_of(scheme: str, text: str) -> str:
    """Return the value of an identifier that is given as it is, or as an IRI."""
    known = SCHEMES.get(scheme)
    value = known.value_of(text.strip()) if known is not None else None
    return value if value is not None else text.strip()
