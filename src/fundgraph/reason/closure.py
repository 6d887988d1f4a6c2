"""A closure: asserted triples and what follows from them, to be asked, explained and kept up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from fundgraph.errors import UsageError
from fundgraph.reason.compile import BASE
from fundgraph.reason.definition import telling
from fundgraph.reason.engine import Engine
from fundgraph.reason.incremental import retract
from fundgraph.reason.output import Clash
from fundgraph.reason.solve import Triple
from fundgraph.reason.table import contains, pack, places_in, sorted_unique, unpack, with_more
from fundgraph.reason.terms import Ids, Rows, Terms, Vocabulary

__all__ = ["Closure"]

_SAME, _TYPE, _THING, _SCO = (
    Vocabulary.id(name) for name in ("owl:sameAs", "rdf:type", "owl:Thing", "rdfs:subClassOf")
)
_LOW = np.int64(0xFFFFFFFF)
#: So many triples at most are written out for things that are the same.
MOST_EXPANDED = 20_000_000


def by_property(rows: Rows) -> dict[int, Ids]:
    """Return rows as sorted pairs for each property."""
    found: dict[int, Ids] = {}
    if not len(rows):
        return found
    p = rows[:, 1]
    properties = np.unique(p)
    if len(properties) <= 64:
        for number in properties.tolist():
            found[number] = sorted_unique(_pairs(rows[p == number]))
        return found
    order = np.argsort(p, kind="stable")
    keys = _pairs(rows[order])
    bounds = np.searchsorted(p[order], properties)
    for number, part in zip(properties.tolist(), np.split(keys, bounds[1:]), strict=True):
        found[number] = sorted_unique(part)
    return found


def _pairs(rows: Rows) -> Ids:
    return pack(rows[:, 0].astype(np.int64), rows[:, 2].astype(np.int64))


class Closure:
    """The triples asserted, and all that follow from them by OWL 2 RL.

    ``things`` also concludes that everything of a class is an ``owl:Thing``, which otherwise is done only where
    something follows from it. ``clashes`` holds the contradictions that stopped the engine, if any did.
    """

    def __init__(
        self,
        terms: Terms | None = None,
        *,
        things: bool = False,
        say: Callable[[int, int], None] = lambda _round, _triples: None,
    ) -> None:
        self.terms = Terms() if terms is None else terms
        self.asserted: dict[int, Ids] = {}
        self.nodes: dict[int, Any] = {}
        self.engine = Engine(self.terms, things, say)

    @classmethod
    def of(cls, triples: Iterable[tuple[str, str, str]], *, things: bool = False) -> Closure:
        """Make the closure of triples whose terms are written as N-Triples writes them."""
        closure = cls(things=things)
        closure.load(closure.terms.encode(triples))
        return closure

    @property
    def clashes(self) -> list[Clash]:
        """The contradictions that were found; the closure is not complete if there are any."""
        return self.engine.clashes

    def load(self, rows: Rows) -> None:
        """Put in the asserted triples and make the closure; to be called once."""
        self.asserted = by_property(rows)
        del rows  # not needed any more; if the caller lets go of them too, room for what follows
        canonical = self.canonical(self.asserted)
        self._ill_typed()
        self.engine.load(canonical)

    def add(self, triples: Iterable[tuple[str, str, str]]) -> None:
        """Assert more triples, and conclude what follows from them."""
        rows = by_property(self.terms.encode(triples))
        new = {}
        for p, keys in rows.items():
            old = self.asserted.get(p, np.zeros(0, dtype=np.int64))
            new[p] = keys[~contains(old, keys)]
            self.asserted[p] = with_more(old, new[p])
        canonical = self.canonical({p: keys for p, keys in new.items() if len(keys)})
        self._ill_typed()
        if not self.clashes:
            self.engine.add(canonical)

    def remove(self, triples: Iterable[tuple[str, str, str]]) -> None:
        """Assert some triples no longer, and take back what no longer follows."""
        gone: dict[int, Ids] = {}
        for p, keys in by_property(self.terms.encode(triples)).items():
            old = self.asserted.get(p, np.zeros(0, dtype=np.int64))
            gone[p] = keys[contains(old, keys)]
            self.asserted[p] = np.delete(old, places_in(old, gone[p]))
        left = self.canonical(self.asserted)
        rows = {}
        for p, keys in self.canonical(gone).items():
            kept = left.get(p)
            really = keys if kept is None else keys[~contains(kept, keys)]
            if len(really):
                rows[p] = really
        if rows and not retract(self.engine, rows, left):
            self.engine = Engine(self.terms, self.engine.things, self.engine.say)
            self._ill_typed()
            self.engine.load({p: keys for p, keys in left.items() if len(keys)})

    def canonical(self, asserted: dict[int, Ids]) -> dict[int, Ids]:
        """Return pairs with one literal for each value."""
        mapping = self.terms.canonical()
        if not self.terms.varied:
            return dict(asserted)
        found = {}
        for p, keys in asserted.items():
            s, o = unpack(keys)
            found[p] = sorted_unique(pack(mapping[s], mapping[o]))
        return found

    def _ill_typed(self) -> None:
        used = set(self.terms.ill_typed)
        for p, keys in self.asserted.items() if used else ():
            for key in keys[np.isin(keys & _LOW, np.array(sorted(used), dtype=np.int64))].tolist():
                literal = key & 0xFFFFFFFF
                datatype = self.terms.numbers[f"<{self.terms.datatype(literal)}>"]
                self.engine.clashes.append(
                    Clash("dt-not-type", ((key >> 32, p, literal), (literal, _TYPE, datatype)))
                )
                return

    # ── asking ──────────────────────────────────────────────────────────────────────────────────────────────

    def __len__(self) -> int:
        return len(self.engine.facts)

    def number(self, name: str) -> int | None:
        """Return the number of a term, None if it does not occur."""
        return self.terms.numbers.get(name)

    def standing(self, triple: Triple) -> Triple:
        """Return the triple over representatives that says the same."""
        rep, mapping = self.engine.facts.rep, self.terms.canonical()
        s, p, o = (rep(int(mapping[term])) for term in triple)
        return s, p, o

    def is_asserted(self, triple: Triple) -> bool:
        """Tell whether a triple was asserted as it is."""
        keys = self.asserted.get(triple[1])
        if keys is None or not len(keys):
            return False
        key = triple[0] << 32 | triple[2]
        place = int(keys.searchsorted(key))
        return place < len(keys) and int(keys[place]) == key

    def holds(self, triple: Triple) -> bool:
        """Tell whether a triple is asserted or follows."""
        s, p, o = self.standing(triple)
        facts = self.engine.facts
        if p == facts.rep(_SAME) and s == o:
            return True
        if facts.count(s, p, o):
            return True
        if p == facts.rep(_TYPE) and o == facts.rep(_THING):
            sco = facts.rep(_SCO)
            return any(facts.count(kind, sco, o) for _, _, kind in facts.match(s, p, None))
        return False

    def has(self, s: str, p: str, o: str) -> bool:
        """Tell whether a triple, written as N-Triples writes it, is asserted or follows."""
        numbers = [self.terms.numbers.get(name) for name in (s, p, o)]
        if None in numbers:
            return False
        return self.holds((numbers[0], numbers[1], numbers[2]))  # type: ignore[arg-type]

    # ── taking out ──────────────────────────────────────────────────────────────────────────────────────────

    def inferred(self, *, expand: bool = True, all_kinds: bool = False) -> Iterator[tuple[int, Ids]]:
        """Yield what is inferred and not asserted: a property, and its pairs.

        Same things are written out, each with all that is said of any (``expand``), or are said to be the same
        as their representative, of whom alone all is said. ``all_kinds`` keeps what our closure leaves out.
        Raises :class:`UsageError` if writing same things out would be too much.
        """
        asserted = self.canonical(self.asserted)
        preferred = self._preferred()
        for p, keys in self._all(expand=expand):
            new = keys
            old = asserted.get(p)
            if old is not None:
                new = keys[~contains(old, keys)]
            if not all_kinds:
                new = new[telling(self.terms, p, new)]
            if preferred is not None:
                s, o = unpack(new)
                new = sorted_unique(pack(s, preferred[o]))
            if len(new):
                yield p, new

    def decoded(self, *, expand: bool = True, all_kinds: bool = False) -> Iterator[tuple[str, str, str]]:
        """Yield what :meth:`inferred` does, as terms of N-Triples."""
        names = self.terms.names
        for p, keys in self.inferred(expand=expand, all_kinds=all_kinds):
            name = names[p]
            for key in keys.tolist():
                yield names[key >> 32], name, names[key & 0xFFFFFFFF]

    def _all(self, *, expand: bool) -> Iterator[tuple[int, Ids]]:
        facts = self.engine.facts
        equality = facts.equality
        if not equality:
            yield from ((p, facts.tables[p].all()) for p in facts.properties() if p != _SAME)
            return
        classes = dict(equality.classes())
        same = (
            [
                left << 32 | right
                for standing, members in classes.items()
                for left in members
                for right in (members if expand else (standing,))
                if left != right
            ]
            if not expand or sum(len(members) ** 2 for members in classes.values()) <= MOST_EXPANDED
            else None
        )
        if same is None:
            self._too_many(sum(len(members) ** 2 for members in classes.values()))
        found = {_SAME: [np.array(same, dtype=np.int64)]}
        for p in facts.properties():
            if p == _SAME and not expand:
                continue
            keys = facts.tables[p].all()
            for key in self._expanded(keys, classes) if expand else [keys]:
                for name in equality.members(p) if expand else [p]:
                    found.setdefault(name, []).append(key)
        for p, parts in found.items():
            yield p, sorted_unique(np.concatenate(parts))

    def _expanded(self, keys: Ids, classes: dict[int, list[int]]) -> list[Ids]:
        standing = np.array(sorted(classes), dtype=np.int64)
        s, o = unpack(keys)
        hit = contains(standing, s) | contains(standing, o)
        done = [keys[~hit]]
        sizes = 0
        for key in keys[hit].tolist():
            subjects = classes.get(key >> 32, [key >> 32])
            values = classes.get(key & 0xFFFFFFFF, [key & 0xFFFFFFFF])
            sizes += len(subjects) * len(values)
            if sizes > MOST_EXPANDED:
                self._too_many(sizes)
            left = np.repeat(np.array(subjects, dtype=np.int64), len(values))
            done.append(pack(left, np.tile(np.array(values, dtype=np.int64), len(subjects))))
        return done

    def _too_many(self, count: int) -> None:
        raise UsageError(
            f"writing out all that follows from things being the same would be more than {count} triples",
            hint="Ask for one representative of each instead (--representatives, expand=False)",
        )

    def _preferred(self) -> Ids | None:
        """Return for each literal's value the form to write it in; None if no value has more than one."""
        if not self.terms.varied:
            return None
        used = set(np.unique(np.concatenate([keys & _LOW for keys in self.asserted.values()])).tolist())
        preferred = np.arange(len(self.terms), dtype=np.int64)
        for first in self.terms.varied:
            forms = [form for form in self.terms.forms(first) if form in used] or [first]
            preferred[first] = min(forms, key=lambda form: (_rank(self.terms, form), self.terms.names[form]))
        return preferred

    def properties(self) -> list[int]:
        """Return the representatives of all properties."""
        return [p for p in self.engine.facts.properties() if p < BASE]


def _rank(terms: Terms, form: int) -> int:
    datatype = (terms.datatype(form) or "").rpartition("#")[2]
    order = ("langString", "string", "integer", "decimal")
    return order.index(datatype) if datatype in order else len(order)
