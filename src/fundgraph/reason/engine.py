"""The engine: rules specialised to the ontology, run semi-naively over arrays to a fixpoint.

In each round every plan is joined with what the last round brought, against all that is there. Each triple keeps
the number of the round that it came in: whatever it follows from is older, which is what makes explanations of it
end. Things that turn out to be the same are united after a round, and their triples rewritten to one
representative, which takes a round of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from fundgraph.reason.axioms import axioms
from fundgraph.reason.compile import (
    BASE,
    PROPER,
    SCHEMA_CLASSES,
    SCHEMA_PROPERTIES,
    compile_plans,
    static_plans,
)
from fundgraph.reason.facts import Facts
from fundgraph.reason.output import Clash, Output
from fundgraph.reason.plan import Atom, Columns, Plan, join, rows_of, scan, start
from fundgraph.reason.rewrite import Rewriting, rewrite
from fundgraph.reason.table import Table, contains, pack, sorted_unique, turn, union, unpack
from fundgraph.reason.terms import LITERAL, Ids, Terms, Vocabulary
from fundgraph.reason.values import ILL_TYPED, in_space

__all__ = ["Engine", "plays_a_part"]

Say = Callable[[int, int], None]
TYPE, SAME, SCO = (Vocabulary.id(name) for name in ("rdf:type", "owl:sameAs", "rdfs:subClassOf"))
DIFFERENT, THING, NOTHING = (Vocabulary.id(name) for name in ("owl:differentFrom", "owl:Thing", "owl:Nothing"))
#: Properties by which a datatype plays a part in more than a check of values.
_USES_OF_DATATYPES = tuple(
    Vocabulary.id(name)
    for name in (
        "owl:someValuesFrom", "owl:onClass", "rdfs:subClassOf", "owl:equivalentClass", "owl:disjointWith",
        "owl:complementOf", "rdf:first",
    )
)  # fmt: skip
#: Rows of a table that are joined at a time.
_CHUNK = 1 << 21


@dataclass
class Engine:
    """Facts, the plans of their ontology, and the rounds that bring the facts to a fixpoint."""

    terms: Terms
    things: bool = False
    say: Say = lambda _round, _triples: None
    facts: Facts = field(init=False)
    time: int = 0
    plans: dict[Plan, None] = field(default_factory=dict)
    rewritings: list[Rewriting] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    identity: bool = False
    _fresh: list[Plan] = field(default_factory=list)
    _delta: dict[int, Ids] = field(default_factory=dict)
    _triggers: dict[int, list[tuple[Plan, int]]] = field(default_factory=dict)
    _typed: dict[int, dict[int, list[tuple[Plan, int]]]] = field(default_factory=dict)
    _literals: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.facts = Facts(self.terms)

    # ── putting in ──────────────────────────────────────────────────────────────────────────────────────────

    def load(self, rows: dict[int, Ids]) -> None:
        """Put pairs in by property (of canonical literals), and bring all to a fixpoint."""
        self._unite(rows.pop(SAME, None), 0)
        self._put(rows)
        for triple in axioms():
            s, p, o = map(self.facts.rep, triple)
            self._insert(p, np.array([s << 32 | o], dtype=np.int64), None)
        self._check()
        self._delta = {}
        # The ontology first: what it says of itself, before the rules are specialised to it.
        self.plans = dict.fromkeys(plan for plan in static_plans(self.facts) if plan.rule != "cax-sco")
        self._fresh = list(self.plans)
        self._index()
        if self.clashes:
            return
        self._rounds(compiling=False)
        self._compile()
        self._rounds()

    def add(self, rows: dict[int, Ids]) -> None:
        """Put more pairs in, and bring all to a fixpoint again."""
        self.time += 1
        same = rows.pop(SAME, None)
        self._put(rows)
        self._continue(same)

    def _put(self, rows: dict[int, Ids]) -> None:
        mapping = self.facts.equality.mapping(len(self.terms)) if self.facts.equality else None
        for p, keys in rows.items():
            if mapping is None:
                self._insert(p, keys, None)
            else:
                s, o = unpack(keys)
                self._insert(int(mapping[p]), sorted_unique(pack(mapping[s], mapping[o])), None)

    def resume(self, rows: dict[int, Ids], same: Ids | None = None) -> None:
        """Put pairs back that were taken out too hastily, and bring all to a fixpoint again.

        ``same`` are pairs of things that are the same.
        """
        self.time += 1
        self._put(rows)
        self._continue(same)

    def _continue(self, same: Ids | None) -> None:
        self._check()
        if not self.clashes:
            self._after(schema=self._schema_touched(), merges=same)
            self._type_literals()
            self._rounds()

    def _insert(self, p: int, keys: Ids, absorbed: Ids | None) -> None:
        """Add pairs to a property's table and to what the next round starts from.

        ``absorbed`` are pairs that come only from the property's absorbing rule.
        """
        tables = self.facts.tables
        table = tables.setdefault(p, Table())
        base = table.missing(keys)
        new = base
        if absorbed is not None:
            more = table.missing(absorbed)
            more = more[~contains(base, more)] if len(base) else more
            new = union(base, more)
        if not len(new):
            return
        table.add(new, self.time)
        self._delta_add(p, new)
        self._delta_add(p | BASE, base)
        if p | BASE in tables:
            tables[p | BASE].add(tables[p | BASE].missing(base), self.time)
        if p == self.facts.rep(SCO):
            proper = self._proper(new)
            tables.setdefault(p | PROPER, Table()).add(proper, self.time)
            self._delta_add(p | PROPER, proper)
        if self.identity:
            self._identify(p, new)

    def _proper(self, keys: Ids) -> Ids:
        rep = self.facts.rep
        s, o = unpack(keys)
        proper: Ids = keys[(s != o) & (o != rep(THING)) & (s != rep(NOTHING))]
        return proper

    def _delta_add(self, p: int, keys: Ids) -> None:
        if len(keys):
            old = self._delta.get(p)
            self._delta[p] = keys if old is None else union(old, keys)

    def _identify(self, p: int, keys: Ids) -> None:
        s, o = unpack(keys)
        ids = np.unique(np.concatenate([s, o, np.array([p], dtype=np.int64)]))
        table = self.facts.tables.setdefault(SAME, Table())
        new = table.missing(pack(ids, ids))
        table.add(new, self.time)
        self._delta_add(SAME, new)

    # ── rounds ──────────────────────────────────────────────────────────────────────────────────────────────

    def _rounds(self, *, compiling: bool = True) -> None:
        while (self._delta or self._fresh) and not self.clashes:
            self.time += 1
            out = Output(self.facts)
            delta, fresh = self._delta, self._fresh
            self._delta, self._fresh = {}, []
            for plan in fresh:
                self.run_whole(plan, out)
            for p, keys in delta.items():
                self.run_delta(p, keys, out)
            self.clashes = out.clashes
            if self.clashes:
                return
            for p, (keys, absorbed) in out.collected():
                self._insert(p, keys, absorbed)
            self._check()
            if not self.clashes:
                self._after(schema=compiling and self._schema_touched(), merges=out.same())
            self.say(self.time, len(self.facts))

    def _after(self, *, schema: bool, merges: Ids | None) -> None:
        """Unite what is the same, and specialise the rules again if the ontology has changed."""
        moved = self._unite(merges, self.time)
        if moved is not None and not self.clashes:
            self.time += 1
            changed = rewrite(self.facts, moved, self.time, self._delta)
            self.rewritings += changed
            for made in changed:
                self._insert(made.new_p, made.new_keys_sorted, None)
            if self.facts.rep(SCO) | PROPER in self.facts.tables:
                sco = self.facts.tables.get(self.facts.rep(SCO), Table())
                self.facts.tables[self.facts.rep(SCO) | PROPER] = Table(self._proper(sco.all()), self.time)
            schema = True
            self._check()
        if schema and not self.clashes:
            self._compile()

    def _schema_touched(self) -> bool:
        for p, keys in self._delta.items():
            if p in SCHEMA_PROPERTIES:
                return True
            if p == TYPE and contains(np.unique(keys & np.int64(0xFFFFFFFF)), _SCHEMA_IDS).any():
                return True
        return False

    def _compile(self) -> None:
        plans = dict.fromkeys([*static_plans(self.facts), *compile_plans(self.facts, things=self.things)])
        self._fresh += [plan for plan in plans if plan not in self.plans]
        self.plans = plans
        if not self.identity and any(atom.p == SAME for plan in plans for atom in plan.body):
            self.identity = True
            for p in self.facts.properties():
                self._identify(p, self.facts.tables[p].all())
        self._index()
        self._type_literals()

    def _index(self) -> None:
        self._triggers, self._typed = {}, {}
        types = self.facts.rep(TYPE)
        for plan in self.plans:
            base = plan.absorbs
            if base >= 0 and base & ~BASE != types and base not in self.facts.tables:
                table = self.facts.tables.get(base & ~BASE)
                self.facts.tables[base] = Table(table.all() if table else np.zeros(0, dtype=np.int64), self.time)
            for place, atom in enumerate(plan.body):
                if atom.p & ~BASE == types and atom.o >= 0:
                    self._typed.setdefault(atom.p, {}).setdefault(atom.o, []).append((plan, place))
                else:
                    self._triggers.setdefault(atom.p, []).append((plan, place))

    def _table(self, atom: Atom) -> Table | None:
        found = self.facts.tables.get(atom.p)
        return self.facts.tables.get(atom.p & ~BASE) if found is None else found

    def run_whole(self, plan: Plan, out: Output) -> None:
        """Run one plan over all that is there."""
        if not plan.body:
            out.ground(plan)
            return
        tables = [self._table(atom) for atom in plan.body]
        if any(table is None or not len(table) for table in tables):
            return
        sizes = [len(table) for table in tables if table is not None]
        first = plan.body[sizes.index(min(sizes))]
        if first.s >= 0 or first.o >= 0 or len(plan.body) == 1:
            # A constant is looked up rather than scanned for.
            constant = [atom for atom in plan.body if atom.s >= 0 or atom.o >= 0]
            first = constant[0] if constant else first
        table = self._table(first)
        if table is None:
            return
        rest = [atom for atom in plan.body if atom is not first]
        if first.s >= 0 or first.o >= 0:
            self._finish(plan, scan(first, table), rest, out, whole=True)
            return
        keys = table.all()
        if plan.kind == "same" and plan.groups:
            self._finish(plan, start(first, *unpack(keys)), rest, out, whole=True)
            return
        for place in range(0, len(keys), _CHUNK):
            self._finish(plan, start(first, *unpack(keys[place : place + _CHUNK])), rest, out, whole=False)

    def run_delta(self, p: int, keys: Ids, out: Output) -> None:
        """Join some pairs of a property with all else, in every plan that has it."""
        s, o = unpack(keys)
        for plan, place in self._triggers.get(p, ()):
            for chunk in range(0, len(keys), _CHUNK):
                part = slice(chunk, chunk + _CHUNK)
                self._join_delta(plan, place, s[part], o[part], out)
        typed = self._typed.get(p)
        if not typed:
            return
        turned = turn(keys)
        classes = turned >> np.int64(32)
        starts = np.flatnonzero(np.append(True, classes[1:] != classes[:-1]))
        ends = np.append(starts[1:], len(turned))
        for begin, end in zip(starts.tolist(), ends.tolist(), strict=True):
            found = int(classes[begin])
            subjects = turned[begin:end] & np.int64(0xFFFFFFFF)
            for plan, place in typed.get(found, ()):
                self._join_delta(plan, place, subjects, np.full(len(subjects), found, dtype=np.int64), out)

    def _join_delta(self, plan: Plan, place: int, s: Ids, o: Ids, out: Output) -> None:
        rest = [atom for number, atom in enumerate(plan.body) if number != place]
        self._finish(plan, start(plan.body[place], s, o), rest, out, whole=False)

    def _finish(self, plan: Plan, columns: Columns, rest: list[Atom], out: Output, *, whole: bool) -> None:
        if not rows_of(columns):
            return
        joined = join(columns, rest, self._table)
        if joined is None:
            return
        if plan.kind == "false":
            out.clash(plan, joined)
        elif plan.groups and plan.kind == "same":
            if not whole:
                groups = {name: joined[name] for name in plan.groups}
                joined = join(_distinct(groups), plan.body, self._table)
            if joined is not None:
                out.group(plan, joined)
        else:
            out.take(plan, joined)

    # ── same things, literals ───────────────────────────────────────────────────────────────────────────────

    def _unite(self, merges: Ids | None, time: int) -> Ids | None:
        """Unite pairs; return the new representative of each term if any has changed."""
        if merges is None or not len(merges):
            return None
        equality, changed = self.facts.equality, False
        for key in merges.tolist():
            left, right = key >> 32, key & 0xFFFFFFFF
            changed |= equality.unite(left, right, time)
            if equality.clash is not None:
                one, other = equality.clash
                self.clashes.append(Clash("eq-diff1", ((one, SAME, other), (one, DIFFERENT, other))))
                return None
        return equality.mapping(len(self.terms)) if changed else None

    def _check(self) -> None:
        """Look for things that differ from themselves, and for literals of the wrong type, among what is new."""
        rep = self.facts.rep
        for key in self._delta.get(rep(DIFFERENT), np.zeros(0, dtype=np.int64)).tolist():
            if key >> 32 == key & 0xFFFFFFFF:
                term = key >> 32
                self.clashes.append(Clash("eq-diff1", ((term, SAME, term), (term, rep(DIFFERENT), term))))
                return
        typed = self._delta.get(rep(TYPE))
        if typed is None:
            return
        s, o = unpack(typed)
        literal = self.terms.kinds()[s] == LITERAL
        for subject, datatype in zip(s[literal].tolist(), o[literal].tolist(), strict=True):
            iri = self.terms.datatypes.get(self.terms.names[datatype])
            value = self.terms.value(subject)
            if iri and value is not None and (value is ILL_TYPED or not in_space(value, iri)):
                self.clashes.append(Clash("dt-not-type", ((subject, rep(TYPE), datatype),)))
                return

    def _type_literals(self) -> None:
        """Say of each literal which of the datatypes that the ontology builds upon hold it: dt-type2."""
        facts, terms = self.facts, self.terms
        used = [
            (number, iri)
            for name, iri in terms.datatypes.items()
            if (number := facts.rep(Vocabulary.number[name])) >= 0 and plays_a_part(facts, number)
        ]
        if not used:
            return
        literals = np.flatnonzero(terms.kinds() == LITERAL)
        canonical = terms.canonical()
        for number, iri in used:
            keys = []
            for literal in literals[literals >= self._literals.get(number, 0)].tolist():
                value = terms.value(literal)
                if canonical[literal] != literal or value is None or value is ILL_TYPED:
                    continue
                if in_space(value, iri) and (literal >= terms.own or facts.count(None, None, literal)):
                    keys.append(facts.rep(literal) << 32 | number)
            self._literals[number] = len(terms)
            self._insert(facts.rep(TYPE), sorted_unique(np.array(keys, dtype=np.int64)), None)


_SCHEMA_IDS = np.array(sorted(SCHEMA_CLASSES), dtype=np.int64)


def plays_a_part(facts: Facts, datatype: int) -> bool:
    """Tell whether the ontology builds upon a datatype, so that something follows from what belongs to it."""
    return any(
        facts.count(None, facts.rep(p), datatype) or facts.count(datatype, facts.rep(p), None)
        for p in _USES_OF_DATATYPES
    )


def _distinct(columns: Columns) -> Columns:
    """Return the different rows of some columns."""
    names = list(columns)
    if len(names) == 1:
        return {names[0]: np.unique(columns[names[0]])}
    rows = np.unique(np.stack([columns[name] for name in names], axis=1), axis=0)
    return {name: np.ascontiguousarray(rows[:, place]) for place, name in enumerate(names)}
