"""The W3C's SPARQL cases, run through the parts that answer for the endpoint: scan, preparation, evaluation, writing."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pyoxigraph as ox

from fundgraph.errors import FundgraphError, QueryResourceError, QuerySyntaxError
from fundgraph.store.changes import Change, apply
from fundgraph.store.engine import Catalogue, Limits, QueryRequest
from fundgraph.store.evaluate import Stopped, run
from fundgraph.store.mutable import check, why
from fundgraph.store.scan import scan, top_tokens
from tests.protocol_suite import suites

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
DAWGT = "http://www.w3.org/2001/sw/DataAccess/tests/test-dawg#"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"

#: Kinds of cases by their class in the manifests.
KINDS = {
    "QueryEvaluationTest": "query", "CSVResultFormatTest": "format", "UpdateEvaluationTest": "update",
    "PositiveSyntaxTest": "query syntax", "PositiveSyntaxTest11": "query syntax",
    "NegativeSyntaxTest": "query syntax", "NegativeSyntaxTest11": "query syntax",
    "PositiveUpdateSyntaxTest": "update syntax", "PositiveUpdateSyntaxTest11": "update syntax",
    "NegativeUpdateSyntaxTest": "update syntax", "NegativeUpdateSyntaxTest11": "update syntax",
}  # fmt: skip
FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE, ".n3": ox.RdfFormat.TURTLE, ".nt": ox.RdfFormat.N_TRIPLES,
    ".rdf": ox.RdfFormat.RDF_XML, ".trig": ox.RdfFormat.TRIG, ".nq": ox.RdfFormat.N_QUADS,
}  # fmt: skip
RESULTS = {
    ".srx": ox.QueryResultsFormat.XML, ".srj": ox.QueryResultsFormat.JSON, ".tsv": ox.QueryResultsFormat.TSV,
}  # fmt: skip
NOT_RUN = {"entailment", "protocol", "service-description", "graph-store-protocol", "http-rdf-update"}
_VALUES = "the engine holds a number, a boolean or a date by its value, so that 01 and 1 are one term"
_GRAPH = "GRAPH ?g with ?g used inside, or around a sub-query: the engine binds ?g too late"
_PATHS = "a path of length zero from a term that is in no triple: the engine gives no row"
_LATER = "a rule of the draft of 1.2 that the engine does not follow yet"
#: Cases that fail, each with the reason. All lie in the engine, Oxigraph 0.5.13.
KNOWN = {
    "sparql10/distinct#distinct-1": _VALUES, "sparql10/distinct#distinct-9": _VALUES,
    "sparql10/expr-builtin#dawg-str-1": _VALUES, "sparql10/expr-builtin#dawg-str-2": _VALUES,
    "sparql10/expr-builtin#sameTerm-simple": _VALUES, "sparql10/expr-builtin#sameTerm-eq": _VALUES,
    "sparql10/expr-builtin#sameTerm-not-eq": _VALUES,
    "sparql10/expr-builtin#case-insensitive-booleans": "TRUE in capitals is not understood",
    "sparql10/expr-equals#eq-graph-1": _VALUES, "sparql10/expr-equals#eq-graph-2": _VALUES,
    "sparql10/graph#graph-variable-scope": _GRAPH, "sparql10/graph#graph-optional": _GRAPH,
    "sparql10/open-world#open-eq-01": _VALUES, "sparql10/open-world#date-2": _VALUES,
    "sparql10/syntax-sparql3#syn-bad-26": "the engine takes <?a&&?b> for comparisons, not for one (broken) IRI",
    "sparql11/aggregates#agg-groupconcat-04": "GROUP_CONCAT of strings with a language keeps the language",
    "sparql11/aggregates#agg-groupconcat-06": "GROUP_CONCAT of strings with a language keeps the language",
    "sparql11/aggregates#agg-empty-group-count-graph": _GRAPH, "sparql11/bindings#graph": _GRAPH,
    "sparql11/csv-tsv-res#csv03": _VALUES, "sparql11/functions#bnode01": "BNODE(string) gives one node for all solutions",
    "sparql11/negation#graph-minus": _GRAPH, "sparql11/property-path#zero_or_more_set_start": _PATHS,
    "sparql11/property-path#zero_or_more_set_end": _PATHS, "sparql11/property-path#zero_or_one_set_start": _PATHS,
    "sparql11/property-path#zero_or_one_set_end": _PATHS, "sparql12/grouping#group01": _LATER,
    "sparql12/grouping#select-variable-reuse": _LATER, "sparql12/syntax#nested-aggregate-functions": _LATER,
    "sparql12/syntax-triple-terms-negative#tripleterm-subject-03": _LATER,
    "sparql12/syntax-triple-terms-negative#tripleterm-subject-06": _LATER,
}  # fmt: skip
PASSED, OTHER_FORM, REFUSED, FAILED = "passed", "other lexical form", "refused", "failed"


@dataclass(frozen=True, slots=True)
class Case:
    """A case of a manifest; ``parts`` maps words such as ``query`` and ``data`` to what the manifest names."""

    iri: str
    folder: str
    kind: str
    negative: bool
    approved: bool
    action: dict[str, list[Any]]
    result: dict[str, list[Any]]
    result_file: str | None
    lax: bool = False
    """Whether rows may come as often as one likes (REDUCED)."""

    @property
    def id(self) -> str:
        """A short name: suite, folder and the end of the IRI."""
        return f"{self.folder}#{self.iri.rpartition('#')[2]}"


class _Manifest:
    def __init__(self, path: Path) -> None:
        self.values: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for quad in ox.parse(path=str(path), base_iri=path.resolve().as_uri()):
            self.values[str(quad.subject), quad.predicate.value].append(quad.object)

    def entries(self) -> Iterator[Any]:
        for (_, predicate), lists in self.values.items():
            if predicate == MF + "entries":
                for cell in lists:
                    yield from self.items(cell)

    def items(self, cell: Any) -> Iterator[Any]:
        while getattr(cell, "value", "") != RDF + "nil":
            yield self.values[str(cell), RDF + "first"][0]
            cell = self.values[str(cell), RDF + "rest"][0]

    def one(self, subject: Any, predicate: str) -> Any:
        return next(iter(self.values.get((str(subject), predicate), ())), None)

    def parts(self, node: Any) -> dict[str, list[Any]]:
        """What a blank node of an action or a result names; the files of named graphs as pairs of name and file."""
        found: dict[str, list[Any]] = defaultdict(list)
        for (subject, predicate), values in self.values.items():
            if subject != str(node) or not predicate.startswith((QT, UT)):
                continue
            word = predicate.rpartition("#")[2]
            for value in values:
                if word == "graphData" and isinstance(value, ox.BlankNode):
                    file = self.one(value, UT + "graph") or self.one(value, QT + "graph")
                    found[word].append((self.one(value, LABEL).value, file.value))
                elif word == "graphData":
                    found[word].append((value.value, value.value))
                else:
                    found[word].append(value.value)
        return found


@cache
def cases(suite: str) -> tuple[Case, ...]:
    """Return the cases of ``sparql10``, ``sparql11`` or ``sparql12``; none if the suite is not here."""
    root = suites()
    if root is None:
        return ()
    found: list[Case] = []
    for path in sorted((root / "sparql" / suite).glob("*/manifest.ttl")):
        if path.parent.name in NOT_RUN:
            continue
        manifest = _Manifest(path)
        for entry in manifest.entries():
            class_ = manifest.one(entry, RDF + "type").value.rpartition("#")[2]
            action, result = manifest.one(entry, MF + "action"), manifest.one(entry, MF + "result")
            parts = manifest.parts(action)
            if isinstance(action, ox.NamedNode):
                parts = {"query": [action.value], "request": [action.value]}
            approval = manifest.one(entry, DAWGT + "approval")
            found.append(
                Case(
                    iri=entry.value,
                    folder=f"{suite}/{path.parent.name}",
                    kind=KINDS[class_],
                    negative=class_.startswith("Negative"),
                    approved=approval is not None and approval.value.endswith("Approved"),
                    action=dict(parts),
                    result=dict(manifest.parts(result)) if isinstance(result, ox.BlankNode) else {},
                    result_file=result.value if isinstance(result, ox.NamedNode) else None,
                    lax=manifest.one(entry, MF + "resultCardinality") is not None,
                )
            )
    return tuple(found)


def file_of(iri: str) -> Path:
    """The file of an IRI."""
    return Path(unquote(urlsplit(iri).path))


def text_of(iri: str) -> str:
    """The text of a query or update."""
    return file_of(iri).read_bytes().decode("utf-8")


def load(store: ox.Store, iri: str, graph: str | None = None) -> None:
    """Load a file into a graph."""
    path = file_of(iri)
    form = FORMATS[path.suffix]
    if path.suffix in (".trig", ".nq") and graph is None:
        store.load(path=str(path), format=form, base_iri=iri)
        return
    store.load(
        path=str(path), format=form, base_iri=iri, to_graph=ox.NamedNode(graph) if graph else ox.DefaultGraph()
    )
    if graph:
        store.add_graph(ox.NamedNode(graph))


def outcome(case: Case) -> str:
    """Run a case and say what became of it."""
    try:
        if "syntax" in case.kind:
            return _syntax(case)
        if case.kind == "update":
            return _update(case)
        return _query(case)
    except (FundgraphError, Stopped) as error:
        return REFUSED if "not allowed" in str(error) else f"{FAILED}: {type(error).__name__}: {error}"


def answer(store: ox.Store, text: str, base: str, form: str | None = None) -> tuple[str, str, bytes]:
    """Ask as the endpoint does; return the kind of the answer, its format, and its bytes."""
    catalogue = Catalogue(release=None, base=base, prefixes={}, graphs=None)
    limits = Limits(max_rows=100_000, max_bytes=1 << 26, max_query_bytes=100_000)
    job = catalogue.prepare(QueryRequest(text, format=form), limits)
    body = bytearray()
    try:
        run(store, job, body.extend, body.clear)
    except Stopped as stopped:
        raise catalogue.failure(stopped, job, limits) from stopped
    return job.kind, job.format, bytes(body)


def _syntax(case: Case) -> str:
    iri = case.action["query"][0]
    try:
        text = text_of(iri)
        if case.kind == "query syntax":
            answer(ox.Store(), text, iri)
        else:
            change = Change("update", text=text, base=iri)
            check(change)
            apply(ox.Store(), change)
    except QuerySyntaxError as error:
        return PASSED if case.negative else f"{FAILED}: {error}"
    except Stopped as stopped:
        error = why(stopped, Change("update", text=text))
        fine = isinstance(error, QuerySyntaxError) if case.negative else stopped.kind == "conflict"
        return PASSED if fine else f"{FAILED}: {stopped}"
    except UnicodeDecodeError:
        return PASSED if case.negative else FAILED
    except QueryResourceError as error:
        if "custom function" not in str(error):  # the text was understood; functions of others are not had here
            raise
    return f"{FAILED}: accepted" if case.negative else PASSED


def _update(case: Case) -> str:
    store, wanted = ox.Store(), ox.Store()
    for target, parts in ((store, case.action), (wanted, case.result)):
        for iri in parts.get("data", ()):
            load(target, iri)
        for name, iri in parts.get("graphData", ()):
            load(target, iri, name)
    iri = case.action["request"][0]
    change = Change("update", text=text_of(iri), base=iri)
    check(change)
    apply(store, change)
    return PASSED if _canonical(store) == _canonical(wanted) else f"{FAILED}: another dataset"


def _canonical(quads: Any) -> set[Any]:
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return set(dataset)


def _query(case: Case) -> str:
    iri = case.action["query"][0]
    text = text_of(iri)
    store = ox.Store()
    for data in case.action.get("data", ()):
        load(store, data)
    for name, data in case.action.get("graphData", ()):
        load(store, data, name)
    seen = scan(text)
    for name in {*seen.default_graphs, *seen.named_graphs}:
        graph = urljoin(iri, name)
        if graph.startswith("file:") and file_of(graph).is_file():
            load(store, graph, graph)
    assert case.result_file is not None
    expected = file_of(case.result_file)
    kind, form, body = answer(store, text, iri, {".csv": "csv", ".tsv": "tsv"}.get(expected.suffix))
    if expected.suffix == ".csv":
        return _compare_csv(expected.read_text(encoding="utf-8"), body.decode())
    if kind == "graph":
        wanted = list(ox.parse(path=str(expected), format=FORMATS[expected.suffix], base_iri=case.result_file))
        found = list(ox.parse(body, format=ox.RdfFormat.TURTLE))
        if _canonical(wanted) == _canonical(found):
            return PASSED
        return (
            OTHER_FORM if _canonical(_stored(wanted)) == _canonical(_stored(found)) else f"{FAILED}: another graph"
        )
    found_result = ox.parse_query_results(body, format=RESULTS[{"json": ".srj", "tsv": ".tsv"}[form]])
    if expected.suffix in RESULTS:
        wanted_result: Any = ox.parse_query_results(path=str(expected), format=RESULTS[expected.suffix])
    else:
        wanted_result = _result_set(expected, case.result_file)
    if kind == "ask":
        return PASSED if bool(found_result) == bool(wanted_result) else f"{FAILED}: {bool(found_result)}"
    tables = _table(wanted_result), _table(found_result)
    if case.lax:
        tables = _once(tables[0]), _once(tables[1])
    return _compare(*tables, ordered=_is_ordered(text))


def _once(table: Answers) -> Answers:
    rows = {str(sorted((n, str(v)) for n, v in row.items())): row for row in table.rows}
    return Answers(table.variables, list(rows.values()))


def _stored(quads: Any) -> ox.Store:
    store = ox.Store()
    store.extend(quads)
    return store


def _is_ordered(text: str) -> bool:
    return any(token.text == "order" for token in top_tokens(text))


Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answers:
    """A table: its variables and its rows."""

    variables: tuple[str, ...]
    rows: list[Row]


def _table(result: Any) -> Answers:
    if isinstance(result, Answers):
        return result
    names = tuple(variable.value for variable in result.variables)
    return Answers(names, [{n: row[n] for n in names if row[n] is not None} for row in result])


def _result_set(path: Path, base: str) -> Any:
    """Read a result set that is written in RDF."""
    values: dict[tuple[Any, str], list[Any]] = defaultdict(list)
    for quad in ox.parse(path=str(path), format=FORMATS[path.suffix], base_iri=base):
        values[quad.subject, quad.predicate.value].append(quad.object)
    booleans = [value for (_, name), found in values.items() if name == RS + "boolean" for value in found]
    if booleans:
        return booleans[0].value in ("true", "1")
    variables = tuple(
        v.value for (_, name), found in values.items() if name == RS + "resultVariable" for v in found
    )
    rows: list[tuple[int, Row]] = []
    for (_, name), solutions in values.items():
        if name != RS + "solution":
            continue
        for solution in solutions:
            row = {
                values[binding, RS + "variable"][0].value: values[binding, RS + "value"][0]
                for binding in values.get((solution, RS + "binding"), ())
            }
            index = values.get((solution, RS + "index"))
            rows.append((int(index[0].value) if index else 0, row))
    return Answers(variables, [row for _, row in sorted(rows, key=lambda one: one[0])])


def _compare(wanted: Answers, found: Answers, *, ordered: bool) -> str:
    if set(wanted.variables) != set(found.variables):
        return f"{FAILED}: variables {found.variables}"
    if _match(wanted.rows, found.rows, ordered):
        return PASSED
    loose = [[{n: _stored_term(v) for n, v in row.items()} for row in rows] for rows in (wanted.rows, found.rows)]
    if _match(loose[0], loose[1], ordered):
        return OTHER_FORM
    if ordered and _match(loose[0], loose[1], False):
        return f"{FAILED}: another order"
    return f"{FAILED}: other rows"


@cache
def _stored_term(term: Any) -> Any:
    """What the store makes of a term."""
    if isinstance(term, ox.BlankNode):
        return term
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("a:a"), ox.NamedNode("a:a"), term, ox.DefaultGraph()))
    return next(iter(store)).object


def _match(wanted: list[Row], found: list[Row], ordered: bool) -> bool:
    """Tell whether two lists of rows are the same but for the names of blank nodes."""
    if len(wanted) != len(found):
        return False

    def follow(left: list[Row], right: list[Row], names: dict[Any, Any]) -> bool:
        if not left:
            return True
        for at in range(1 if ordered else len(right)):
            more = _same_row(left[0], right[at], names)
            if more is not None and follow(left[1:], right[:at] + right[at + 1 :], more):
                return True
        return False

    plain = not any(_has_blank(v) for row in wanted for v in row.values())
    if plain:
        key = lambda row: sorted((n, str(v)) for n, v in row.items())  # noqa: E731
        return wanted == found if ordered else sorted(wanted, key=key) == sorted(found, key=key)
    return follow(wanted, found, {})


def _has_blank(term: Any) -> bool:
    if isinstance(term, ox.Triple):
        return _has_blank(term.subject) or _has_blank(term.object)
    return isinstance(term, ox.BlankNode)


def _same_row(left: Row, right: Row, names: dict[Any, Any]) -> dict[Any, Any] | None:
    if left.keys() != right.keys():
        return None
    names = dict(names)
    return names if all(_same(value, right[name], names) for name, value in left.items()) else None


def _same(left: Any, right: Any, names: dict[Any, Any]) -> bool:
    if isinstance(left, ox.Triple) and isinstance(right, ox.Triple):
        pairs = ((left.subject, right.subject), (left.predicate, right.predicate), (left.object, right.object))
        return all(_same(a, b, names) for a, b in pairs)
    if isinstance(left, ox.BlankNode) and isinstance(right, ox.BlankNode):
        if left in names:
            return bool(names[left] == right)
        if right in names.values():
            return False
        names[left] = right
        return True
    return bool(left == right)


def _compare_csv(wanted: str, found: str) -> str:
    """CSV has no types; what begins with _: is a blank node. SELECT * leaves the order of columns open."""
    tables = [list(csv.reader(io.StringIO(text))) for text in (wanted, found)]
    rows = [
        [
            {n: ox.BlankNode(cell[2:]) if cell.startswith("_:") else ox.Literal(cell) for n, cell in zip(table[0], row, strict=True)}
            for row in table[1:]
        ]
        for table in tables
    ]  # fmt: skip
    fine = set(tables[0][0]) == set(tables[1][0]) and _match(rows[0], rows[1], False)
    return PASSED if fine else f"{FAILED}: other rows"
