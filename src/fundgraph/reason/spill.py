"""The same plans on DuckDB, which keeps to a limit of memory and spills to disk what is beyond it.

Triples, their terms and what follows from them are tables in a database file that is thrown away afterwards. Only
the ontology and the classes of same things are held in memory. Slower than arrays by about ten times, so it is for
what would not fit.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np

from fundgraph.errors import InconsistencyError, UsageError
from fundgraph.ntriples import Name
from fundgraph.reason.axioms import axioms
from fundgraph.reason.compile import BASE, PROPER, SCHEMA_CLASSES, SCHEMA_PROPERTIES, compile_plans, static_plans
from fundgraph.reason.facts import Facts
from fundgraph.reason.plan import Atom, Plan, body_to_sql
from fundgraph.reason.proof import short
from fundgraph.reason.rules import RULE_BY_NAME
from fundgraph.reason.solve import Triple
from fundgraph.reason.spill_output import written_out
from fundgraph.reason.spill_rewrite import rewrite_tables
from fundgraph.reason.spill_terms import Dictionary
from fundgraph.reason.table import Table, pack
from fundgraph.reason.terms import LITERAL, Ids, Vocabulary
from fundgraph.reason.values import in_space

__all__ = ["SpillingClosure"]

TYPE, SAME, SCO, DIFFERENT, THING, NOTHING = (
    Vocabulary.id(name)
    for name in ("rdf:type", "owl:sameAs", "rdfs:subClassOf", "owl:differentFrom", "owl:Thing", "owl:Nothing")
)
_LANGUAGE = ("<http://www.w3.org/2002/07/owl#", "<http://www.w3.org/2000/01/rdf-schema#",
             "<http://www.w3.org/1999/02/22-rdf-syntax-ns#")  # fmt: skip
_NOT_OF_THE_ONTOLOGY = frozenset(
    Vocabulary.id(name) for name in ("rdf:type", "owl:sameAs", "owl:differentFrom", "rdfs:label", "rdfs:comment")
)
_PART = 1 << 20
#: The least memory, in bytes, that the database can work in.
LEAST = 96 << 20
#: Below so many bytes, one thread is all that there is room for.
_LITTLE = 256 << 20


class _Schema(Facts):
    """The ontology's triples in memory; a term with a smaller number stands for one with a greater."""

    def _rank(self, term: int) -> tuple[int, str]:
        return (term, "")


class SpillingClosure:
    """The closure of triples, in at most so many bytes of memory besides the ontology; ``close`` throws it away."""

    def __init__(
        self,
        memory: int,
        *,
        directory: Path | None = None,
        threads: int = 2,
        say: Callable[[int, int], None] = lambda _round, _triples: None,
    ) -> None:
        """Open a database in a new folder below ``directory``, the system's temporary one if none is given."""
        if memory < LEAST:
            raise UsageError(f"inference on disk needs at least {LEAST >> 20} MiB of memory, not {memory >> 20}")
        self._memory = memory
        path = Path(tempfile.mkdtemp(prefix="fundgraph-", dir=directory))
        self.database = duckdb.connect(":memory:")
        for setting in (
            f"memory_limit = '{memory >> 20}MiB'", f"threads = {threads if memory >= _LITTLE else 1}", f"temp_directory = '{path / 'spilt'}'",
            "enable_progress_bar = false", "preserve_insertion_order = false",
        ):  # fmt: skip
            self.database.execute(f"SET {setting}")
        self.path = path
        # Also for whoever forgets to close it.
        self.close = weakref.finalize(self, _throw_away, self.database, path)
        self.terms = Dictionary(self.database, path)
        self.facts = _Schema(self.terms)
        self.asserted = 0
        self._say = say
        self._time = 0
        self._plans: dict[Plan, None] = {}
        self._fresh: list[Plan] = []
        self._tables: set[int] = set()
        self._delta: dict[int, int] = {}
        self._typed: set[int] = set()
        self._identity = False
        # The properties with something new, and those for which a round has brought something.
        self._filled: set[int] = set()
        self._made: set[int] = set()
        self._literals_of: set[int] = set()
        self._ontology: set[int] = set()

    # ── putting in ──────────────────────────────────────────────────────────────────────────────────────────

    def load(self, triples: Iterable[Name]) -> None:
        """Read triples and bring them to a fixpoint. Raises :class:`InconsistencyError` for a contradiction."""
        with _within(self._memory):
            self._load(triples)

    def _load(self, triples: Iterable[Name]) -> None:
        self.terms.read(triples)
        (self.asserted,) = self._row("SELECT count(*) FROM (SELECT DISTINCT * FROM asserted)")
        self._ill_typed()
        self.database.executemany("INSERT INTO rest VALUES (?, ?, ?)", axioms())
        # Vocabulary beyond the rules' own: what lies outside of the profile is to be found and named.
        like = " OR ".join(f"starts_with(name, '{prefix}')" for prefix in _LANGUAGE)
        found = self.database.execute(f"SELECT id FROM terms WHERE {like}").fetchall()
        self._ontology = {number for (number,) in found} - _NOT_OF_THE_ONTOLOGY | SCHEMA_PROPERTIES
        self._delta = dict(self.database.execute("SELECT p, count(*) FROM rest GROUP BY p").fetchall())
        same = self._same_of("SELECT DISTINCT s, o FROM rest WHERE p = " + str(SAME))
        for p in self._ontology & self._delta.keys() | {TYPE, SAME, DIFFERENT}:
            self._table(p)
        self._note_schema()
        for table in (f"f{SAME}", f"d{SAME}"):  # held as classes from here on
            self.database.execute(f"TRUNCATE {table}")
        self._delta.pop(SAME, None)
        self._unite(same)
        self._compile(static=True)
        self._rounds(compiling=False)
        self._compile()
        self._rounds()

    def _row(self, query: str) -> tuple[int, ...]:
        rows = self.database.execute(query).fetchall()
        return rows[0] if rows else ()

    def _table(self, p: int) -> None:
        """Give a property tables of its own, for its pairs and for what is new among them."""
        if p in self._tables:
            return
        self._tables.add(p)
        run = self.database.execute
        run(f"CREATE TABLE f{p} AS SELECT DISTINCT s, o, true AS b FROM rest WHERE p = {p}")
        run(f"CREATE TABLE d{p} AS SELECT * FROM f{p}")
        self._filled.add(p)
        run(f"CREATE TABLE c{p} (s INTEGER, o INTEGER, b BOOLEAN)")
        run(f"DELETE FROM rest WHERE p = {p}")

    def _ill_typed(self) -> None:
        for literal in self.terms.ill_typed:
            row = self._row(f"SELECT s, p FROM asserted WHERE o = {literal} LIMIT 1")
            if row:
                datatype = self.terms.numbers[f"<{self.terms.datatype(literal)}>"]
                self._clash("dt-not-type", [(row[0], row[1], literal), (literal, TYPE, datatype)])

    # ── rounds ──────────────────────────────────────────────────────────────────────────────────────────────

    def _rounds(self, *, compiling: bool = True) -> None:
        while self._delta or self._fresh:
            self._time += 1
            fresh, delta = set(self._fresh), self._delta
            self._fresh, self._delta = [], {}
            same: list[str] = []
            for plan in self._plans:
                if plan in fresh:
                    self._run(plan, None, same)
                    continue
                touched = [place for place, atom in enumerate(plan.body) if self._is_new(atom, delta)]
                for place in touched[:1] if plan.groups else touched:
                    self._run(plan, None if plan.groups else place, same)
            merges = np.concatenate([self._same_of(query) for query in same]) if same else None
            schema = self._take_over()
            merged = self._unite(merges)
            if compiling and (schema or merged):
                self._compile()
            if self._identity:
                self._identify()
            self._say(self._time, self._count())

    def _is_new(self, atom: Atom, delta: dict[int, int]) -> bool:
        p = atom.p & ~(BASE | PROPER)
        return p in delta and not (p == self.facts.rep(TYPE) and atom.o >= 0 and atom.o not in self._typed)

    def _run(self, plan: Plan, new: int | None, same: list[str]) -> None:
        """Join a plan's body, one atom of it only with what is new if ``new`` says which, and keep what follows."""
        names = [self._source(atom, new=place == new) for place, atom in enumerate(plan.body)]
        column, source = body_to_sql(plan.body, names)

        def value(place: int) -> str:
            return str(place) if place >= 0 else column[place]

        if plan.kind == "false":
            chosen = ", ".join(f"{value(atom.s)}, {value(atom.o)}" for atom in plan.body) or "0"
            row = self._row(f"SELECT {chosen}{source} LIMIT 1")
            if row:
                pairs = zip(row[::2], row[1::2], strict=False)
                self._clash(
                    plan.rule, [(s, atom.p & ~BASE, o) for atom, (s, o) in zip(plan.body, pairs, strict=True)]
                )
            return
        if plan.kind == "same" and plan.member:
            shared = ", ".join(f"{column[name]} AS g{place}" for place, name in enumerate(plan.groups))
            keys = ", ".join(f"g{place}" for place in range(len(plan.groups)))
            rows = f"SELECT DISTINCT {column[plan.member]} AS m, {shared or '0 AS g0'}{source}"
            window = f"PARTITION BY {keys or 'g0'}"
            same.append(
                f"SELECT DISTINCT s, o FROM (SELECT min(m) OVER ({window}) AS s, m AS o FROM ({rows})) WHERE s <> o"
            )
            return
        for head in plan.heads:
            query = f"SELECT DISTINCT {value(head.s)} AS s, {value(head.o)} AS o"
            if plan.kind == "same":
                same.append(query + source)
                continue
            self._table(head.p)
            absorbed = plan.absorbs == head.p | BASE
            self._made.add(head.p)
            self.database.execute(f"INSERT INTO c{head.p} {query}, {'false' if absorbed else 'true'}{source}")

    def _source(self, atom: Atom, *, new: bool) -> str:
        p = atom.p & ~(BASE | PROPER)
        self._table(p)
        table = f"{'d' if new else 'f'}{p}"
        conditions = ["b"] if atom.p & BASE else []
        if atom.p & PROPER:
            conditions += ["s <> o", f"o <> {self.facts.rep(THING)}", f"s <> {self.facts.rep(NOTHING)}"]
        return f"(SELECT s, o FROM {table} WHERE {' AND '.join(conditions)})" if conditions else table

    def _take_over(self) -> bool:
        """Add what a round brought to what there is; tell whether the ontology has grown."""
        run = self.database.execute
        for p in self._filled:
            run(f"TRUNCATE d{p}")
        self._filled = set(self._made)
        for p in sorted(self._made):
            run(f"INSERT INTO d{p} SELECT s, o, bool_or(b) FROM c{p} ANTI JOIN f{p} USING (s, o) GROUP BY s, o")
            run(f"TRUNCATE c{p}")
            run(f"INSERT INTO f{p} SELECT * FROM d{p}")
            (count,) = self._row(f"SELECT count(*) FROM d{p}")
            if count:
                self._delta[p] = count
        self._made = set()
        return self._note_schema()

    def _note_schema(self) -> bool:
        """Look at what is new: keep what belongs to the ontology, and refuse what contradicts itself."""
        different, types = self.facts.rep(DIFFERENT), self.facts.rep(TYPE)
        if different in self._delta:
            row = self._row(f"SELECT s FROM d{different} WHERE s = o LIMIT 1")
            if row:
                self._clash("eq-diff1", [(row[0], SAME, row[0]), (row[0], different, row[0])])
        touched = False
        for p in list(self._delta):
            if p in self._ontology and p in self._tables:
                touched |= p in SCHEMA_PROPERTIES
                self._keep(p, f"SELECT s, o FROM d{p}")
        if types in self._delta:
            kinds = self.database.execute(f"SELECT DISTINCT o FROM d{types}").fetchall()
            self._typed = {kind for (kind,) in kinds}
            wanted = self._typed & (self._ontology | SCHEMA_CLASSES)
            touched |= bool(wanted & SCHEMA_CLASSES)
            if wanted:
                self._keep(types, f"SELECT s, o FROM d{types} WHERE o IN ({', '.join(map(str, wanted))})")
            self._check_literals(types)
        return touched

    def _keep(self, p: int, query: str) -> None:
        rows = self.database.execute(query).fetchnumpy()
        keys = np.sort(pack(rows["s"].astype(np.int64), rows["o"].astype(np.int64)))
        table = self.facts.tables.setdefault(p, Table())
        table.add(table.missing(keys), self._time)

    def _check_literals(self, types: int) -> None:
        terms = self.terms
        vocabulary = [str(number) for number in range(terms.own) if terms.kind(number) == LITERAL]
        rows = self.database.execute(
            f"SELECT s, o FROM d{types} WHERE s >= {terms.literals} OR s IN ({', '.join(vocabulary)})"
        ).fetchall()
        for subject, kind in rows:
            iri = terms.datatypes.get(terms.names[kind]) if kind < terms.own else None
            value = terms.value(subject)
            if iri and value is not None and not in_space(value, iri):
                self._clash("dt-not-type", [(subject, types, kind)])

    def _compile(self, *, static: bool = False) -> None:
        plans = static_plans(self.facts)
        if static:
            plans = [plan for plan in plans if plan.rule != "cax-sco"]
        else:
            plans = list(dict.fromkeys([*plans, *compile_plans(self.facts)]))
        self._fresh += [plan for plan in plans if plan not in self._plans]
        self._plans = dict.fromkeys(plans)
        self._identity |= any(atom.p == SAME for plan in plans for atom in plan.body)
        if self._identity:
            self._identify()
        if not static:
            self._type_literals()

    def _identify(self) -> None:
        """Say of everything that it is the same as itself, where a rule asks for it."""
        everything = " UNION ".join(
            f"SELECT s AS x FROM f{p} UNION SELECT o FROM f{p} UNION SELECT {p} FROM f{p}"
            for p in self._tables
            if p != SAME
        )
        every = f"SELECT s AS x FROM rest UNION SELECT o FROM rest UNION SELECT p FROM rest UNION {everything}"
        self._add(SAME, f"SELECT x AS s, x AS o FROM ({every})")

    def _add(self, p: int, query: str) -> None:
        """Put pairs in between two rounds."""
        self._table(p)
        new = f"SELECT DISTINCT s, o, true FROM ({query}) q ANTI JOIN f{p} USING (s, o)"
        self.database.execute(f"CREATE TEMP TABLE more AS {new}")
        self.database.execute(f"INSERT INTO f{p} SELECT * FROM more")
        self.database.execute(f"INSERT INTO d{p} SELECT * FROM more")
        self._filled.add(p)
        self.database.execute("DROP TABLE more")
        (count,) = self._row(f"SELECT count(*) FROM d{p}")
        if count:
            self._delta[p] = count
            self._note_schema()

    def _type_literals(self) -> None:
        facts, terms = self.facts, self.terms
        from fundgraph.reason.engine import plays_a_part

        used = {
            facts.rep(Vocabulary.number[name]): iri
            for name, iri in terms.datatypes.items()
            if plays_a_part(facts, facts.rep(Vocabulary.number[name]))
        }
        new = {number: iri for number, iri in used.items() if number not in self._literals_of}
        self._literals_of |= new.keys()
        if new:
            rows: list[tuple[int, int]] = []
            for literal, value in terms.typed():
                rows += [(facts.rep(literal), number) for number, iri in new.items() if in_space(value, iri)]
                if len(rows) > _PART:
                    self._add_rows(rows)
            self._add_rows(rows)

    def _add_rows(self, rows: list[tuple[int, int]]) -> None:
        if rows:
            pairs = np.array(rows, dtype=np.int32)
            given = {"s": np.ascontiguousarray(pairs[:, 0]), "o": np.ascontiguousarray(pairs[:, 1])}
            self.database.register("given", given)
            self._add(self.facts.rep(TYPE), "SELECT s, o FROM given")
            self.database.unregister("given")
            rows.clear()

    # ── same things ─────────────────────────────────────────────────────────────────────────────────────────

    def _same_of(self, query: str) -> Ids:
        rows = self.database.execute(query).fetchnumpy()
        return pack(rows["s"].astype(np.int64), rows["o"].astype(np.int64))

    def _unite(self, merges: Ids | None) -> bool:
        """Unite pairs, and rewrite what names a term that another now stands for; tell whether there was any."""
        if merges is None or not len(merges):
            return False
        equality, changed = self.facts.equality, False
        self.terms.fetch(np.unique(np.concatenate([merges >> 32, merges & 0xFFFFFFFF])).tolist())
        for key in merges.tolist():
            changed |= equality.unite(key >> 32, key & 0xFFFFFFFF, self._time)
            if equality.clash is not None:
                one, other = equality.clash
                self._clash("eq-diff1", [(one, SAME, other), (one, DIFFERENT, other)])
        if changed:
            self._rewrite()
        return changed

    def _rewrite(self) -> None:
        for p in {self.facts.rep(p) for p in self._tables}:
            self._table(p)
        rewrite_tables(self.database, self.facts, self._tables)
        self.facts.tables.clear()
        self._delta = {}
        self._made = set(self._tables)
        self._take_over()
        for p in self._ontology & self._tables:
            self._keep(p, f"SELECT s, o FROM f{p}")
        types = self.facts.rep(TYPE)
        kinds = ", ".join(map(str, self._ontology | SCHEMA_CLASSES))
        self._keep(types, f"SELECT s, o FROM f{types} WHERE o IN ({kinds})")

    # ── taking out ──────────────────────────────────────────────────────────────────────────────────────────

    def _count(self) -> int:
        counts = [self._row(f"SELECT count(*) FROM f{p}")[0] for p in self._tables]
        return sum(counts) + self._row("SELECT count(*) FROM rest")[0]

    def _clash(self, rule: str, triples: list[Triple]) -> None:
        names = self.terms.names
        premises = [(names[s], names[p], names[o]) for s, p, o in triples]
        words = " ; ".join(" ".join(map(short, premise)) for premise in premises)
        raise InconsistencyError(
            f"the graph contradicts itself: {RULE_BY_NAME[rule].says} ({rule}): {words}",
            rule=rule,
            premises=premises,
            hint="Mend the document, the programme's facts or the ontology; nothing was switched",
        )

    def decoded(self, *, expand: bool = True) -> Iterator[Name]:
        """Yield what is inferred and not asserted, as terms of N-Triples, same things written out or not.

        Raises :class:`UsageError` if writing same things out would be too much.
        """
        with _within(self._memory):
            yield from written_out(self.database, self.terms, self.facts, self._tables, self.path, expand=expand)


def _throw_away(database: duckdb.DuckDBPyConnection, path: Path) -> None:
    database.close()
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _within(memory: int) -> Iterator[None]:
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise UsageError(
            f"this cannot be inferred within {memory >> 20} MiB", hint="Allow more memory: --memory MIB"
        ) from error
