"""Canned queries: what the loader refuses, how parameters are bound, what the answers are."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib.plugins.sparql import prepareQuery

from fundgraph import assets
from fundgraph.errors import ParameterError, QuestionError
from fundgraph.questions import Question, load_question, load_questions, to_markdown, to_turtle
from fundgraph.store.federation import outgoing
from fundgraph.store.scan import scan
from fundgraph.terms import check_iri, render

pytestmark = pytest.mark.slow

BASE = "https://example.org/wells/"
QUESTIONS = load_questions(assets.queries_dir())
IDS = sorted(QUESTIONS)
#: Those that ask nobody else, and so have one answer.
OURS = [name for name in IDS if not QUESTIONS[name].services]

HEADER = """#+ summary: a
#+ description: b
#+ sentence: Who is {who}?
#+ tags: [x]
"""
PARAM = "#+ params: {who: {type: fg:Person, label: c, default: person:ada, example: person:ada}}\n"
QUERY = """PREFIX person: <https://example.org/wells/person/>
SELECT ?p WHERE {
  VALUES ?who { person:ada }
  ?who ?p ?o
} ORDER BY ?p
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a query file and return its path."""

    def write(text: str, name: str = "who.rq") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def question(kind: str, term: str = "UNDEF", extra: str = "optional: true") -> str:
    """Return a file whose one parameter is of a type."""
    return (
        HEADER.replace("{who}", "{x}")
        + f"#+ params: {{x: {{type: '{kind}', label: c, example: e, {extra}}}}}\n"
        + "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
        + f"SELECT ?x WHERE {{\n  VALUES ?x {{ {term} }}\n}} ORDER BY ?x\n"
    )


def only_value(query: str) -> ox.NamedNode | ox.Literal | None:
    """Return the one value of the one row that a query answers."""
    rows = [list(row) for row in ox.Store().query(query)]  # type: ignore[union-attr]
    assert len(rows) == 1, query
    return rows[0][0]


# ── the files that ship ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", IDS)
def test_runs_as_it_stands_and_bound(name: str) -> None:
    """A canned query is SPARQL that both engines parse, as it stands and with its defaults bound."""
    asked = QUESTIONS[name]
    for text in (asked.text, asked.query, asked.bind({}, BASE), asked.bind({}, BASE, header=True)):
        ox.Store().query(text)
        prepareQuery(text)


@pytest.mark.parametrize("name", IDS)
def test_example_can_be_given(name: str) -> None:
    """Every example of a parameter is a value that the parameter takes."""
    asked = QUESTIONS[name]
    ox.Store().query(asked.bind({p.name: str(p.example) for p in asked.params}, BASE))


def test_sentences_differ() -> None:
    """No two questions ask the same sentence."""
    sentences = [asked.sentence for asked in QUESTIONS.values()]
    assert len(sentences) >= 24
    assert len(set(sentences)) == len(sentences)


# ── the loader ────────────────────────────────────────────────────────────────────────────────────────────────


def test_loads_a_whole_file(write: Callable[..., Path]) -> None:
    """A file gives its id, its header, its parameters and the parts of its sentence."""
    asked = load_question(write(HEADER + PARAM + "#+ view: bar\n#+ reading: d\n\n" + QUERY))
    assert (asked.id, asked.summary, asked.view, asked.reading, asked.tags) == ("who", "a", "bar", "d", ("x",))
    assert asked.sentence_parts == ("Who is ", asked.params[0], "?")
    assert asked.params[0].default == "person:ada"
    assert asked.query == QUERY
    assert asked.to_jsonable()["params"][0]["required"] is False


def test_words_in_another_language(write: Callable[..., Path]) -> None:
    """Lines such as ``summary@de`` say the same in that language; what is missing there stays as it is."""
    param = PARAM.replace("label: c", "label: c, label@de: g")
    asked = load_question(
        write(HEADER + "#+ sentence@de: Wer ist {who}?\n#+ summary@de: h\n" + param + "\n" + QUERY)
    )
    german = asked.said("de")
    assert (german.summary, german.description, german.sentence) == ("h", "b", "Wer ist {who}?")
    assert [part if isinstance(part, str) else part.label for part in german.sentence_parts] == [
        "Wer ist ",
        "g",
        "?",
    ]
    assert german.bind({}, BASE) == asked.bind({}, BASE)
    assert asked.said("fr") is asked
    assert asked.to_jsonable()["words"] == {"de": {"sentence": "Wer ist {who}?", "summary": "h"}}


@pytest.mark.parametrize("name", IDS)
def test_every_question_is_said_in_german(name: str) -> None:
    """All that is said of a question is said in German too, with the same blanks."""
    asked = QUESTIONS[name]
    german = asked.said("de")
    for key in ("summary", "sentence", "description", "reading"):
        assert (getattr(german, key) != getattr(asked, key)) == bool(getattr(asked, key)), key
    assert sorted(re.findall(r"{\w+}", german.sentence)) == sorted(re.findall(r"{\w+}", asked.sentence))
    assert all("de" in parameter.labels for parameter in asked.params)


HEAD = HEADER + PARAM
BROKEN = {
    "no header": (QUERY, 1, "no header"),
    "broken YAML": ("#+ summary: a\n#+ tags: [x\n#+ view: bar\n\n" + QUERY, 3, "not YAML"),
    "YAML that is no map": ("#+ - summary\n\n" + QUERY, 1, "not a map"),
    "unknown key": (HEADER + "#+ veiw: bar\n\n" + PARAM + QUERY, 5, "veiw"),
    "no summary": (HEADER.replace("summary: a", "summary: ''") + PARAM + QUERY, 1, "summary"),
    "no tags": (HEADER.replace("[x]", "x") + PARAM + QUERY, 4, "tags"),
    "unknown view": (HEADER + "#+ view: pie\n" + PARAM + QUERY, 5, "pie"),
    "unknown type": (HEADER + PARAM.replace("fg:Person", "fg:Dragon") + QUERY, 5, "fg:Dragon"),
    "unknown key of a parameter": (HEADER + PARAM.replace("label: c", "label: c, lable: d") + QUERY, 5, "lable"),
    "parameter without example": (HEADER + PARAM.replace(", example: person:ada", "") + QUERY, 5, "example"),
    "parameter that is no map": (HEADER + "#+ params: {who: fg:Person}\n" + QUERY, 5, "not a map"),
    "optional that is 7": (HEADER + PARAM.replace("label: c", "label: c, optional: 7") + QUERY, 5, "true"),
    "parameter without VALUES": (HEAD + QUERY.replace("VALUES ?who { person:ada }", ""), 5, "VALUES ?who"),
    "VALUES without parameter": (HEADER.replace("{who}", "it") + "\n" + QUERY, 8, "declares no"),
    "VALUES with two terms": (HEAD + QUERY.replace("{ person:ada }", "{ person:ada person:bob }"), 8, "hold"),
    "VALUES of another type": (HEAD + QUERY.replace("{ person:ada }", '{ "ada" }'), 8, "neither"),
    "VALUES with another default": (HEAD + QUERY.replace("{ person:ada }", "{ person:bob }"), 8, "default"),
    "UNDEF for what is required": (
        HEADER + PARAM.replace("default: person:ada, ", "") + QUERY.replace("person:ada", "UNDEF"),
        8, "not optional",
    ),
    "SELECT *": (HEAD + QUERY.replace("SELECT ?p", "SELECT  DISTINCT *"), 7, "SELECT *"),
    "no ORDER BY": (HEAD + QUERY.replace("ORDER BY ?p", "# ORDER BY ?p"), 7, "ORDER BY"),
    "ORDER BY only inside": (
        HEAD + QUERY.replace("?who ?p ?o", "{ SELECT ?p { ?who ?p ?o } ORDER BY ?p }")[: -len(" ORDER BY ?p ")],
        7, "ORDER BY",
    ),
    "no query": (HEAD + "PREFIX person: <a:>\nVALUES ?who { person:ada }", 7, "no SELECT"),
    "blank that is no parameter": (HEADER.replace("{who}", "{whom}") + PARAM + QUERY, 3, "{whom}"),
    "key that is not said in languages": (HEADER + "#+ tags@de: [x]\n\n" + PARAM + QUERY, 5, "tags@de"),
    "key of a language with no text": (HEADER + "#+ summary@de: []\n\n" + PARAM + QUERY, 5, "summary@de"),
    "blank of another language": (HEADER + "#+ sentence@de: Wer ist {wen}?\n" + PARAM + QUERY, 5, "{wen}"),
    "label of no column": (HEADER + "#+ labels: {p: q}\n" + PARAM + QUERY, 5, "'q'"),
}  # fmt: skip


@pytest.mark.parametrize("why", BROKEN)
def test_broken_file(why: str, write: Callable[..., Path]) -> None:
    """A broken file is refused with its name and the line of the fault."""
    text, line, words = BROKEN[why]
    path = write(text)
    with pytest.raises(QuestionError) as caught:
        load_question(path)
    assert words in str(caught.value)
    assert caught.value.where == str(path)
    assert caught.value.line == line


def test_broken_folder(tmp_path: Path, write: Callable[..., Path]) -> None:
    """A missing folder, a file name that is no id, an undecodable file and unknown options are refused."""
    with pytest.raises(QuestionError, match="no folder"):
        load_questions(tmp_path / "nowhere")
    with pytest.raises(QuestionError, match="small letters"):
        load_question(write(HEAD + QUERY, "Who is.rq"))
    (tmp_path / "bytes.rq").write_bytes(b"\xff\xfe")
    with pytest.raises(QuestionError, match="cannot be read"):
        load_question(tmp_path / "bytes.rq")
    (tmp_path / "bytes.rq").unlink()
    (tmp_path / "Who is.rq").unlink()
    write(HEADER + PARAM.replace("label: c", "label: c, options: nobody") + QUERY)
    with pytest.raises(QuestionError, match="nobody"):
        load_questions(tmp_path)


def test_values_in_strings_and_comments_are_no_parameters(write: Callable[..., Path]) -> None:
    """A VALUES line inside a comment or a string is left alone, by the loader and by the binding."""
    query = QUERY.replace(
        "  ?who ?p ?o", '  # VALUES ?x { 1 }\n  ?who ?p ?o . FILTER(?o != """\nVALUES ?who { <a:b> }\n""")'
    )
    asked = load_question(write(HEADER + PARAM + query))
    bound = asked.bind({"who": "bob"}, BASE)
    assert bound.count(f"{{ <{BASE}person/bob> }}") == 1
    assert "VALUES ?who { <a:b> }" in bound


# ── binding ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "value",
    ["ada", "person:ada", "https://example.org/wells/person/ada", "<https://example.org/wells/person/ada>"],
)
def test_ways_to_name_a_thing(value: str, write: Callable[..., Path]) -> None:
    """A slug, a prefixed name, an IRI and an IRI in angle brackets name the same thing."""
    asked = load_question(write(question("fg:Person")))
    assert only_value(asked.bind({"x": value}, BASE)) == ox.NamedNode(BASE + "person/ada")


def test_prefixes_can_be_added(write: Callable[..., Path]) -> None:
    """A prefixed name may use a prefix that the caller knows."""
    asked = load_question(write(question("fg:Person")))
    bound = asked.bind({"x": "orcid:0000-0002"}, BASE, prefixes={"orcid": "https://orcid.org/"})
    assert only_value(bound) == ox.NamedNode("https://orcid.org/0000-0002")


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("xsd:integer", "007", ox.Literal("7", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer"))),
        ("xsd:integer", "-3", ox.Literal("-3", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer"))),
        ("xsd:boolean", "1", ox.Literal("true", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean"))),
        ("xsd:decimal", "0.5", ox.Literal("0.5", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))),
        ("xsd:date", "2024-02-29", ox.Literal("2024-02-29", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#date"))),
        ("xsd:gYear", "2021", ox.Literal("2021", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#gYear"))),
        ("xsd:string", "", ox.Literal("")),
    ],
)  # fmt: skip
def test_typed_values(kind: str, value: str, expected: ox.Literal, write: Callable[..., Path]) -> None:
    """A value becomes a literal of the parameter's datatype."""
    assert only_value(load_question(write(question(kind))).bind({"x": value}, BASE)) == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("xsd:integer", ""), ("xsd:integer", "2.5"), ("xsd:integer", "two"), ("xsd:integer", "٣"),
        ("xsd:integer", "9" * 19), ("xsd:integer", "1\n"), ("xsd:integer", "1 2"),
        ("xsd:decimal", "1e3"), ("xsd:date", "2023-02-29"), ("xsd:date", "29.2.2024"), ("xsd:gYear", "21"),
        ("xsd:boolean", "yes"), ("xsd:string", "a\x00b"), ("xsd:string", "\ud800"),
        ("fg:Person", ""), ("fg:Person", "ada lovelace"), ("fg:Person", "nobody:ada"), ("fg:Person", "a/b"),
        ("fg:Person", "https://example.org/%zz"), ("fg:Person", "https://example.org/a#b#c"),
        ("fg:Person", "<ada>"), ("fg:Person", "https://[::1]/"), ("fg:Person", "https://example.org:x/"),
    ],
)  # fmt: skip
def test_ill_typed_values(kind: str, value: str, write: Callable[..., Path]) -> None:
    """A value that does not fit its type is refused, and the refusal says what is expected."""
    asked = load_question(write(question(kind)))
    with pytest.raises(ParameterError, match=r"Expected .*such as 'e'"):
        asked.bind({"x": value}, BASE)


SPLICES = [
    "} ?s ?p ?o {", "x } UNION { ?s ?p ?o", '" } ; DROP ALL #', "ada> } ?s ?p ?o . VALUES ?x { <ada", "1 } #",
    "a b", "a\nb", "a\tb", "a'b", 'a"b', "a\\b", "a\\", '\\"', "a`b", "a|b", "a^b", "a{b", "a}b", "a<b", "a>b",
    '"""', "'''", "\\u0022 } #", "\\\\u0022 } #", "\\U00000022 }", "\\u005C\\u0022 }", "\\\\", "\u2028",
    "\x01", "\x7f", "#", "UNDEF", "$x", "?x", "ada . }", "(1 2)", "𝒳é",
]  # fmt: skip


@pytest.mark.parametrize(
    "kind", ["fg:Person", "xsd:string", "xsd:integer", "xsd:decimal", "xsd:date", "xsd:boolean"]
)
@pytest.mark.parametrize("around", ["{}", "https://example.org/{}", "<https://example.org/{}>", "person:{}"])
def test_nothing_splices(kind: str, around: str, write: Callable[..., Path]) -> None:
    """Whatever is sent is refused or stays one term that means exactly what was sent, in both engines."""
    asked = load_question(write(question(kind)))
    refused = 0
    for splice in SPLICES:
        value = around.format(splice)
        try:
            bound = asked.bind({"x": value}, BASE)
        except ParameterError:
            refused += 1
            continue
        term = only_value(bound)
        [[other]] = rdflib.Graph().query(bound)  # type: ignore[misc]
        assert term is not None
        assert str(other) == term.value
        if kind == "xsd:string":
            assert term.value == value
        else:
            assert isinstance(term, ox.NamedNode)
            assert value.strip("<>").removeprefix("person:") in term.value
    assert refused == 0 if kind == "xsd:string" else refused >= 24


@given(st.text())
def test_any_text_stays_itself(text: str) -> None:
    """Any text that can be sent comes back unchanged, and no engine sees anything but one literal."""
    try:
        query = f"SELECT ?x WHERE {{ VALUES ?x {{ {render('xsd:string', text, BASE, {})} }} }}"
    except ValueError:
        assert re.search("[\x00\ud800-\udfff]", text)
        return
    term = only_value(query)
    assert term is not None
    assert term.value == text


@given(st.text(alphabet="ab:/?#[]@!$&'()*+,;=%41 <>\"{}|\\^`~.-_é\u00a0\u2028\ue000\U000f0000\x00\x7f\u200e"))
def test_any_iri_is_refused_or_itself(text: str) -> None:
    """What passes as an IRI is one for the engine too, and unchanged."""
    iri = "https://" + text
    try:
        check_iri(iri)
    except ValueError:
        return
    assert only_value(f"SELECT ?x WHERE {{ VALUES ?x {{ <{iri}> }} }}") == ox.NamedNode(iri)


def test_optional_unknown_missing_repeated(write: Callable[..., Path]) -> None:
    """An optional parameter may be left out; an unknown, missing or repeated one is refused by name."""
    asked = load_question(write(question("xsd:string")))
    assert only_value(asked.bind({}, BASE)) is None
    assert only_value(asked.bind({"x": ["a"]}, BASE)) == ox.Literal("a")
    with pytest.raises(ParameterError, match=r"no parameter 'y' \(allowed: x\)"):
        asked.bind({"y": "1"}, BASE)
    with pytest.raises(ParameterError, match="'x' is given more than once"):
        asked.bind({"x": ["a", "b"]}, BASE)
    required = load_question(write(question("xsd:integer", "3", "optional: false")))
    assert required.params[0].required
    with pytest.raises(ParameterError, match="'x' is missing"):
        required.bind({}, BASE)


def test_listed_options(write: Callable[..., Path]) -> None:
    """A parameter with a list of options takes these only."""
    asked = load_question(write(question("xsd:string", extra="optional: true, options: [a, b]")))
    assert only_value(asked.bind({"x": "b"}, BASE)) == ox.Literal("b")
    with pytest.raises(ParameterError, match=r"allowed: a, b"):
        asked.bind({"x": "c"}, BASE)


def test_every_values_line_of_a_parameter_is_bound(write: Callable[..., Path]) -> None:
    """A parameter may stand in several VALUES lines, in a sub-SELECT say; all are bound."""
    twice = QUERY.replace("  ?who ?p ?o", "  ?who ?p ?o\n  VALUES ?who { person:ada }")
    assert load_question(write(HEADER + PARAM + twice)).bind({"who": "bob"}, BASE).count("person/bob>") == 2


# ── answers over made-up data ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def wells() -> ox.Store:
    """A store of the made-up programme; its default graph is the union that a snapshot's is."""
    store = ox.Store()
    store.load(path=str(Path(__file__).parent / "data" / "questions.trig"), format=ox.RdfFormat.TRIG)
    for quad in list(store):
        if not str(quad.graph_name).endswith("/report>"):
            store.add(ox.Quad(quad.subject, quad.predicate, quad.object, ox.DefaultGraph()))
    return store


def rows_of(store: ox.Store, asked: Question, base: str, **values: str) -> list[list[str]]:
    """Return an answer as CSV rows without the head."""
    results = store.query(asked.bind(values, base))
    body = results.serialize(format=ox.QueryResultsFormat.CSV)  # type: ignore[union-attr,call-arg]
    return [[cell.removeprefix(base) for cell in row] for row in csv.reader(io.StringIO(body.decode()))][1:]


WELLS: list[tuple[str, dict[str, str], list[list[str]]]] = [
    ("works-with", {"person": "ada"}, [
        ["person/bob", "Bob", "project/depth", "Depth"], ["person/eve", "Eve", "project/depth", "Depth"],
    ]),
    ("works-with", {"person": "ada", "phase": "2"}, [["person/eve", "Eve", "project/depth", "Depth"]]),
    ("works-with", {"person": "bob", "phase": "2"}, []),
    ("colleagues-of-colleagues", {"person": "bob"}, [["person/eve", "Eve", "person/ada", "Ada"]]),
    ("bridge-people", {}, [["person/eve", "Eve", "project/depth", "Depth", "project/rope", "Rope"]]),
    ("people-across-phases", {}, [
        ["person/ada", "Ada", "2", "1", "2"], ["person/bob", "Bob", "1", "1", "1"],
        ["person/eve", "Eve", "1", "2", "2"],
    ]),
    ("phases", {}, [
        ["phase/1", "Phase 1", "1", "", "", "phase/2", "1", "2"], ["phase/2", "Phase 2", "2", "", "", "", "2", "2"],
    ]),
    ("projects-by-phase", {"phase": "2"}, [
        ["phase/2", "Phase 2", "project/depth", "Depth", "regular", "2", "1"],
        ["phase/2", "Phase 2", "project/rope", "Rope", "regular", "1", "1"],
    ]),
    ("topic-projects", {"topic": "water"}, [
        ["project/rope", "Rope", "read", "", ""], ["project/depth", "Depth", "inherited", "topic/rain", "rain"],
    ]),
    ("topic-gaps", {}, [["topic/fire", "fire", "", ""]]),
    ("topics-shared-by-projects", {"minimum": "1"}, [
        ["topic/water", "water", "2", "1"], ["topic/rain", "rain", "1", "1"],
    ]),
    ("people-in-several-projects", {}, [["person/eve", "Eve", "2"]]),
    ("people-who-are-not-pis", {}, [["person/bob", "Bob", "", "project/depth", "Depth"]]),
    ("project-search", {"text": '"DEEP"'}, [["project/depth", "Depth", "false", "true"]]),
    ("project-search", {"text": "rop"}, [["project/rope", "Rope", "true", "false"]]),
    ("people-who-joined", {"phase": "2"}, [["person/eve", "Eve"]]),
    ("people-who-left", {"phase": "1"}, [["person/bob", "Bob"]]),
    ("people-who-left", {"phase": "2"}, []),
    ("people-who-stayed", {"phase": "1"}, [["person/ada", "Ada"]]),
    ("topics-of-one-project", {}, [
        ["topic/rain", "rain", "project/depth", "Depth"], ["topic/water", "water", "project/rope", "Rope"],
    ]),
    ("topics-by-phase", {}, [
        ["topic/rain", "rain", "phase/1", "Phase 1", "1"], ["topic/rain", "rain", "phase/2", "Phase 2", "1"],
        ["topic/water", "water", "phase/2", "Phase 2", "1"],
    ]),
    ("what-is-not-linked", {}, [["Person", "3", "0", "3"], ["Project", "2", "0", "2"]]),
    ("validation-results", {}, [["Warning", "project/rope", "", "a project has an abstract"]]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "values", "expected"), WELLS)
def test_answers_over_made_up_data(
    name: str, values: dict[str, str], expected: list[list[str]], wells: ox.Store
) -> None:
    """Phases, inheritance and parameters decide an answer as the question's words say."""
    assert rows_of(wells, QUESTIONS[name], BASE, **values) == expected


# ── published ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_documentation_lists_every_question() -> None:
    """The table in docs/questions.md is what to_markdown() writes now."""
    text = (assets.queries_dir().parent / "docs" / "questions.md").read_text(encoding="utf-8")
    table = text.split("## All questions\n\n", 1)[1]
    assert table == to_markdown(QUESTIONS), (
        "replace the table by fundgraph.questions.to_markdown(load_questions(…))"
    )


def test_questions_as_rdf() -> None:
    """Each question is an sh:SPARQLSelectExecutable whose text is the query, with its parameters typed."""
    sh, base = rdflib.Namespace("http://www.w3.org/ns/shacl#"), rdflib.Namespace(BASE)
    graph = rdflib.Graph().parse(data=to_turtle(QUESTIONS, BASE, "https://example.org/sparql"), format="turtle")
    assert len(set(graph.subjects(rdflib.RDF.type, sh.SPARQLSelectExecutable))) == len(QUESTIONS)
    for name, asked in QUESTIONS.items():
        node = base[f"query/{name}"]
        assert str(graph.value(node, sh.select)) == asked.query
        assert len(set(graph.objects(node, sh.parameter))) == len(asked.params)
    person = rdflib.URIRef(f"{BASE}query/works-with#person")
    assert graph.value(person, sh["class"]) == rdflib.URIRef("https://w3id.org/fundgraph/ontology#Person")


# ── answers over the real data ────────────────────────────────────────────────────────────────────────────────

EXPECTED = Path(__file__).parent / "questions"


@pytest.fixture(scope="module")
def spp(spp_snapshot: Path) -> ox.Store:
    """The store of the real snapshot."""
    return ox.Store.read_only(str(spp_snapshot / "current" / "store"))


@pytest.fixture(scope="module")
def shuffled(spp_snapshot: Path) -> ox.Store:
    """The real snapshot's default graph and named graphs, put into a store in another order."""
    store = ox.Store()
    source = ox.Store.read_only(str(spp_snapshot / "current" / "store"))
    store.extend(sorted(source, key=lambda quad: str(quad)[::-1]))
    return store


@pytest.fixture(scope="module")
def in_rdflib(spp_snapshot: Path, spp_manifest: dict[str, object]) -> rdflib.Dataset:
    """The real snapshot in rdflib, with the default graph that a snapshot's store has."""
    dataset = rdflib.Dataset()
    dataset.parse(data=(spp_snapshot / "current" / "dataset.nq").read_bytes(), format="nquads")
    default = dataset.default_graph
    for graph in list(dataset.graphs()):
        if graph.identifier != default.identifier and str(graph.identifier) not in spp_manifest["hidden_graphs"]:  # type: ignore[operator]
            for triple in graph:
                default.add(triple)
    return dataset


def plain(value: str) -> str:
    """Return a decimal without the zeros at its end, which Oxigraph drops and rdflib keeps."""
    return value.rstrip("0").rstrip(".") if re.fullmatch(r"\d+\.\d+", value) else value


def answer_of(store: ox.Store, asked: Question, base: str) -> list[list[str]]:
    """Return an answer with its head, in the answer's own order."""
    results = store.query(asked.bind({}, base))
    head = [variable.value for variable in results.variables]  # type: ignore[union-attr]
    return [head] + [["" if term is None else plain(term.value) for term in row] for row in results]  # type: ignore[union-attr]


def test_every_question_has_an_expected_answer() -> None:
    """There is one expected answer per question that asks nobody else, and none too many."""
    assert sorted(path.stem for path in EXPECTED.glob("*.csv")) == OURS


@pytest.mark.parametrize("name", OURS)
def test_expected_answer(name: str, spp: ox.Store, shuffled: ox.Store, spp_manifest: dict[str, object]) -> None:
    """The answer over the shipped data is the one that was checked, in this order whatever the order of the store."""
    with (EXPECTED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        expected = [[plain(cell) for cell in row] for row in csv.reader(file)]
    base = str(spp_manifest["base"])
    assert answer_of(spp, QUESTIONS[name], base) == expected
    assert answer_of(shuffled, QUESTIONS[name], base) == expected


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning")  # rdflib warns of what it does itself
@pytest.mark.parametrize("name", OURS)
def test_rdflib_gives_the_same_answer(
    name: str, spp: ox.Store, in_rdflib: rdflib.Dataset, spp_manifest: dict[str, object]
) -> None:
    """rdflib and Oxigraph answer alike, row by row."""
    base = str(spp_manifest["base"])
    results = in_rdflib.query(QUESTIONS[name].bind({}, base))
    rows = [["" if term is None else plain(str(term)) for term in row] for row in results]  # type: ignore[union-attr]
    assert rows == answer_of(spp, QUESTIONS[name], base)[1:]


def test_defaults_name_real_things(spp: ox.Store, spp_manifest: dict[str, object]) -> None:
    """Each default and each example of a thing is a thing of the shipped data."""
    base = str(spp_manifest["base"])
    for asked in QUESTIONS.values():
        for parameter in asked.params:
            for value in (parameter.default, parameter.example):
                if parameter.is_thing and value:
                    kind, _, slug = value.partition(":")
                    assert spp.query(f"ASK {{ <{base}{kind}/{slug}> ?p ?o }}"), (asked.id, value)


def test_federated_questions_say_so() -> None:
    """A question that calls an endpoint of others names it, has the tag, and says that it may be refused."""
    federated = {name: asked for name, asked in QUESTIONS.items() if asked.services}
    assert len(federated) >= 3
    for asked in QUESTIONS.values():
        assert ("federated" in asked.tags) == bool(asked.services) == ("SERVICE" in asked.query)
    for asked in federated.values():
        assert "only where the operator allows" in asked.description
        assert all(service.startswith("https://") for service in asked.services)


#: How the three services state an ORCID: Wikidata as it is, DBLP as an address, SemOpenAlex as the text of one.
THEIRS = {
    "wikidata-people": '<https://example.org/x> <http://www.wikidata.org/prop/direct/P496> "{}" .',
    "dblp-people": "<https://example.org/x> <https://dblp.org/rdf/schema#orcid> <https://orcid.org/{}> .",
    "semopenalex-works": (
        '<https://example.org/x> <https://dbpedia.org/ontology/orcidId> "https://orcid.org/{0}" ;'
        " <https://semopenalex.org/ontology/worksCount> 7 ."
    ),
}


@pytest.mark.parametrize("name", THEIRS)
def test_federated_questions_fit_what_the_services_hold(name: str) -> None:
    """What goes out asks for one ORCID alone, and finds it among others in the way in which the service states it."""
    text = QUESTIONS[name].bind({"orcid": "0000-0002-1825-0097"}, BASE)
    seen = scan(text)
    sent = outgoing(text, seen, seen.services[0], 11)
    theirs = ox.Store()
    for orcid in ("0000-0002-1825-0097", "0000-0001-5109-3700"):
        theirs.load(
            THEIRS[name].replace("/x>", f"/{orcid[-1]}>").format(orcid).encode(), format=ox.RdfFormat.TURTLE
        )
    rows = list(theirs.query(sent))
    assert [str(row["orcid"].value) for row in rows] == ["0000-0002-1825-0097"]  # type: ignore[index,union-attr]


def test_every_federated_question_is_tried() -> None:
    """No question that asks a service of others is left out above, or in test_federated_questions."""
    elsewhere = {"wikidata-organisations", "wikidata-of-linked-things", "dblp-works-of-linked-people"}
    assert {name for name, asked in QUESTIONS.items() if asked.services} == set(THEIRS) | elsewhere
