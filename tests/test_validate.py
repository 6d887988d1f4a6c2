"""The validator: what its report says, where it points, how it is written, what it refuses."""

from __future__ import annotations

import json
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, SH, BNode, Dataset, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic

from fundgraph.errors import RdfError
from fundgraph.validate import ValidationReport, compact, read_shapes, validate
from fundgraph.vocab import FG, DatasetNames

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
EX = Namespace("https://w3id.org/fundgraph/example/")
FGS = Namespace("https://w3id.org/fundgraph/shapes#")
PROJECT, PERSON = EX["project/deep-examples"], EX["person/max-mueller"]


@lru_cache
def _shapes() -> Graph:
    return read_shapes(ROOT / "shapes")


HINT = (
    "The build writes this itself, so in a build it is a fault of fundgraph: report it with the line shown. "
    "In RDF made by hand, add fg:title to the project."
)


def _data() -> Graph:
    data = Graph()
    for path in sorted((ROOT / "ontology" / "examples").glob("*.ttl")):
        data.parse(path)
    return data


def _faulty() -> Graph:
    """The examples with an error in a project, a warning and an info in people, one of them with markup."""
    data = _data()
    data.remove((PROJECT, FG.title, None))
    data.remove((PERSON, FG.familyName, None))
    data.add((PERSON, FG.name, Literal('Max "<b>Mü</b>"')))
    return data


@lru_cache
def _report() -> ValidationReport:
    return validate(_faulty(), _shapes())


def test_good_data_conform() -> None:
    """The examples give a report that conforms and is empty in every form."""
    report = validate(_data(), ROOT / "shapes")
    assert report.conforms
    assert report.results == ()
    assert report.to_text() == ""
    assert report.to_json() == {
        "conforms": True,
        "counts": {"error": 0, "warning": 0, "info": 0},
        "validator": "pyshacl",
        "left_to_pyshacl": [],
        "results": [],
    }


def test_a_result_says_what_and_where() -> None:
    """A result carries focus, label, path, message, severity, shape, constraint, document and line."""
    result = _report().results[0]
    assert result.to_json() == {
        "severity": "error",
        "focus": str(PROJECT),
        "focus_label": "Deep examples",
        "path": "fg:title",
        "value": None,
        "message": "The project has no title; see how its document was read.",
        "hint": HINT,
        "shape": str(FGS["Project-title-required"]),
        "constraint": "MinCount",
        "source_document": "phase1",
        "source_line": 3,
    }


def test_text_is_one_line_per_result() -> None:
    """The text begins with severity, document and line, errors first."""
    lines = _report().to_text().splitlines()
    assert lines[0] == "error  phase1:3  Deep examples  The project has no title; see how its document was read."
    assert [line.split()[0] for line in lines] == ["error", "warning", "info"]
    assert _report().counts == {"error": 1, "warning": 1, "info": 1}


def test_only_errors_break_conformance() -> None:
    """Data with warnings and infos alone conform."""
    data = _faulty()
    data.add((PROJECT, FG.title, Literal("Deep examples")))
    report = validate(data, _shapes())
    assert report.conforms
    assert report.counts == {"error": 0, "warning": 1, "info": 1}


def test_what_has_no_passage_borrows_that_of_the_nearest() -> None:
    """A fault in an identifier points to the line of the project that carries it."""
    data = _data()
    data.set((EX["identifier/gepris-project/100000002"], FG.value, Literal("10000000x")))
    result = validate(data, _shapes()).results[0]
    assert (result.shape, result.place) == (str(FGS["Identifier-gepris-digits"]), "phase1:3")


def test_what_stands_in_no_document_has_no_place() -> None:
    """A fault in what nobody read is shown with a dash in the place of a line."""
    data = Graph().parse(ROOT / "data" / "roles.ttl")
    role = URIRef("https://w3id.org/fundgraph/role/host")
    data.remove((role, RDFS.label, None))
    assert validate(data, _shapes()).to_text() == "warning  -  role:host  Give the role an rdfs:label.\n"


def test_the_order_is_fixed() -> None:
    """Whatever the order of the triples, the report is the same: by severity, document, line, focus, shape."""
    triples = sorted(_faulty(), key=lambda triple: tuple(map(str, triple)), reverse=True)
    data = Graph()
    for triple in triples:
        data.add(triple)
    report = validate(data, _shapes())
    assert report == _report()
    assert list(report.results) == sorted(report.results, key=lambda result: result.sort_key)


def test_the_data_are_left_alone() -> None:
    """Validating adds nothing to the data and takes nothing away."""
    data = _faulty()
    before = set(data)
    validate(data, _shapes())
    assert set(data) == before


def test_a_dataset_is_validated_as_one_graph() -> None:
    """Statements in different named graphs are looked at together."""
    dataset = Dataset()
    for number, triple in enumerate(_faulty()):
        dataset.add((*triple, EX[f"graph/{number % 3}"]))
    assert validate(dataset, _shapes()).results == _report().results


def test_the_report_graph_is_shacl_without_blank_nodes() -> None:
    """The report as RDF has a result per result, with IRIs that are minted below the report's."""
    graph = _report().to_graph(DatasetNames(str(EX)))
    report = EX["report/shacl"]
    assert not any(isinstance(node, BNode) for triple in graph for node in triple)
    assert (report, SH.conforms, Literal(False)) in graph
    results = list(graph.objects(report, SH.result))
    assert len(results) == 3
    assert all(str(result).startswith(f"{report}/") for result in results)
    first = graph.value(None, SH.sourceShape, FGS["Project-title-required"])
    assert set(graph.predicate_objects(first)) == {
        (RDF.type, SH.ValidationResult),
        (SH.focusNode, PROJECT),
        (SH.resultPath, FG.title),
        (SH.resultSeverity, SH.Violation),
        (SH.sourceShape, FGS["Project-title-required"]),
        (SH.sourceConstraintComponent, SH.MinCountConstraintComponent),
        (SH.resultMessage, Literal("The project has no title; see how its document was read.", lang="en")),
        (FG.readFrom, _data().value(PROJECT, FG.readFrom)),
        (FG.whatToDo, Literal(HINT, lang="en")),
    }


def test_the_iri_of_a_result_stays() -> None:
    """A result has the same IRI in a report with fewer results, and the report's IRI may be given."""
    data = _faulty()
    data.add((PROJECT, FG.title, Literal("Deep examples")))
    few = set(validate(data, _shapes()).to_graph(str(EX.report)).objects(EX.report, SH.result))
    many = set(_report().to_graph(str(EX.report)).objects(EX.report, SH.result))
    assert len(few) == 2
    assert few < many


def test_the_report_graph_round_trips() -> None:
    """The report as Turtle reads back as the same graph."""
    graph = _report().to_graph(str(EX.report))
    assert isomorphic(graph, Graph().parse(data=graph.serialize(format="turtle"), format="turtle"))


def test_json_is_plain() -> None:
    """The report as JSON can be written and read."""
    written = json.dumps(_report().to_json())
    assert json.loads(written)["counts"] == {"error": 1, "warning": 1, "info": 1}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_is_escaped_and_loads_nothing() -> None:
    """Names with markup stay text in the page, and nothing in it has an address to load."""
    data = _data()
    data.set((PROJECT, FG.kind, Literal('<script src="x">')))
    page = _Page()
    page.feed(validate(data, _shapes()).to_html())
    assert '<script src="x">' in page.text
    assert {"script", "link", "img"} & set(page.tags) == set()
    assert {"src", "href"} & page.attributes == set()
    assert page.tags.count("tr") > 1


def test_html_of_good_data_has_no_table() -> None:
    """A page with no results says so in a sentence."""
    text = validate(Graph(), _shapes()).to_html()
    assert "The data conform" in text
    assert "<table" not in text


def test_a_broken_shapes_file_is_named_with_its_line(tmp_path: Path) -> None:
    """Turtle that does not parse is an error with file and line."""
    (tmp_path / "Good.ttl").write_text("@prefix sh: <http://www.w3.org/ns/shacl#> .\n")
    (tmp_path / "Bad.ttl").write_text("@prefix sh: <http://www.w3.org/ns/shacl#> .\n\nsh:a sh:b sh:c sh:d .\n")
    with pytest.raises(RdfError) as caught:
        validate(Graph(), tmp_path)
    assert (Path(str(caught.value.where)).name, caught.value.line) == ("Bad.ttl", 3)


def test_shapes_in_another_encoding_are_refused(tmp_path: Path) -> None:
    """A file that is not UTF-8 is an error with the line of the first bad byte."""
    (tmp_path / "Bad.ttl").write_bytes(b"# good\n# B\xe4d\n")
    with pytest.raises(RdfError, match="UTF-8") as caught:
        read_shapes(tmp_path)
    assert caught.value.line == 2


def test_no_shapes_are_an_error(tmp_path: Path) -> None:
    """A folder without shapes does not count as one that everything conforms to."""
    with pytest.raises(RdfError, match="no shapes"):
        validate(Graph(), tmp_path)


@pytest.mark.parametrize(
    "constraint",
    [
        'sh:sparql [ sh:select "SELECT $this WHERE { $this a ?x " ]',
        'sh:sparql [ sh:select "SELECT $this WHERE { VALUES ?x { 1 } $this a ?x }" ]',
        'sh:property [ sh:minCount 1 ]',
        'sh:property [ sh:path rdf:type ; sh:minCount "one" ]',
        'sh:property [ sh:path rdf:type ; sh:pattern "(" ]',
    ],
    ids=["query-syntax", "query-values", "no-path", "no-number", "pattern"],
)  # fmt: skip
def test_shapes_that_make_no_sense_are_refused(constraint: str, tmp_path: Path) -> None:
    """Shapes that parse as Turtle and are no SHACL are an error that names their folder."""
    prefixes = f"@prefix sh: <{SH}> .\n@prefix rdf: <{RDF}> .\n"
    shape = (
        f"<https://example.org/shape> a sh:NodeShape ; sh:targetNode <https://example.org/thing> ; {constraint} ."
    )
    (tmp_path / "Odd.ttl").write_text(prefixes + shape)
    data = Graph()
    data.add((URIRef("https://example.org/thing"), RDF.type, FG.Project))
    with pytest.raises(RdfError) as caught:
        validate(data, tmp_path)
    assert caught.value.where == str(tmp_path)


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("fg:title", "fg:title"),
        ("[ sh:inversePath fg:cites ]", "^fg:cites"),
        ("( [ sh:zeroOrMorePath fg:nextPhase ] fg:title )", "fg:nextPhase*/fg:title"),
        ("[ sh:oneOrMorePath [ sh:inversePath fg:cites ] ]", "(^fg:cites)+"),
        ("[ sh:alternativePath ( fg:name [ sh:zeroOrOnePath fg:title ] ) ]", "fg:name|fg:title?"),
    ],
)
def test_paths_are_written_as_in_sparql(path: str, written: str, tmp_path: Path) -> None:
    """A property path in a result reads as it does in a query."""
    (tmp_path / "One.ttl").write_text(
        f"@prefix sh: <http://www.w3.org/ns/shacl#> .\n@prefix fg: <{FG}> .\n"
        f"<https://example.org/shape> a sh:PropertyShape ; sh:targetNode <https://example.org/thing> ;\n"
        f"    sh:path {path} ; sh:minCount 9 .\n"
    )
    assert [result.path for result in validate(Graph(), tmp_path).results] == [written]


def test_iris_are_written_short_only_where_that_is_safe() -> None:
    """An IRI with a slash or a hash after our prefix stays whole."""
    assert compact(FG.title) == "fg:title"
    assert compact(URIRef(f"{FG}a/b")) == f"{FG}a/b"
    assert compact(EX["project/x"]) == "https://w3id.org/fundgraph/example/project/x"
