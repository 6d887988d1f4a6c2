"""Exports as RDF: readable, deterministic, and the same graph when they are read back."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import pyoxigraph as ox
import pytest
import rdflib
from click.testing import CliRunner

from fundgraph.cli import commands
from fundgraph.export import lookup
from fundgraph.export.jsonld import document
from fundgraph.export.lines import written
from fundgraph.export.lookup import FoundThings, SortedFile
from fundgraph.export.names import Names
from fundgraph.export.things import Quad, Things, full, read_quads, read_triples
from fundgraph.export.turtle import trig, turtle
from fundgraph.exporting import FORMATS, Exporter
from fundgraph.framing import context
from fundgraph.literals import escape
from fundgraph.store.snapshot import Snapshot
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

B = "https://w3id.org/fundgraph/spp2298/"
PROJECT = f"{B}project/adaptive-neural-tensor-networks-for-parametric-pdes"
PREFIXES = {"e": "http://e/", "xsd": "http://www.w3.org/2001/XMLSchema#"}
PARSERS = {
    "turtle": ox.RdfFormat.TURTLE, "ntriples": ox.RdfFormat.N_TRIPLES, "rdfxml": ox.RdfFormat.RDF_XML,
    "trig": ox.RdfFormat.TRIG, "nquads": ox.RdfFormat.N_QUADS, "jsonld": ox.RdfFormat.JSON_LD,
}  # fmt: skip
RDFLIB = {
    "turtle": "turtle",
    "ntriples": "nt",
    "rdfxml": "xml",
    "trig": "trig",
    "nquads": "nquads",
    "jsonld": "json-ld",
}


def run(*arguments: object) -> bytes:
    """Run a command that must succeed; return its output."""
    result = CliRunner().invoke(commands, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout_bytes


def canonical(data: bytes, form: str) -> list[str]:
    """Return the canonical statements of RDF, with the literals as they are written."""
    dataset = ox.Dataset(ox.parse(data, format=PARSERS[form]))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, dataset))


def of_lines(text: str) -> list[Quad]:
    """Return N-Triples as statements of one graph."""
    return [(*triple, "http://e/g") for triple in read_triples(text.encode())]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["trig", "jsonld", "nquads"])
def test_whole_dataset_comes_back(exporter: Exporter, spp_release: Snapshot, form: str) -> None:
    """A format with graphs holds every quad, with its lexical form."""
    wanted = (spp_release.path / "dataset.nq").read_bytes()
    assert canonical(b"".join(exporter.chunks(form)), form) == canonical(wanted, "nquads")


@pytest.mark.slow
@pytest.mark.parametrize("form", ["turtle", "ntriples", "rdfxml"])
def test_union_comes_back(exporter: Exporter, spp_release: Snapshot, form: str) -> None:
    """A format without graphs holds the union of all graphs that are not hidden, each triple once."""
    hidden = set(spp_release.manifest["hidden_graphs"])
    quads = read_quads(spp_release.path / "dataset.nq")
    wanted = "".join(sorted({f"{s} {p} {o} .\n" for s, p, o, graph in quads if graph not in hidden}))
    data = b"".join(exporter.chunks(form))
    assert canonical(data, form) == canonical(wanted.encode(), "ntriples")
    if form == "ntriples":
        assert data.decode() == wanted


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")  # rdflib's own parsers
@pytest.mark.parametrize("form", sorted(RDFLIB))
def test_rdflib_reads_them(exporter: Exporter, spp_release: Snapshot, form: str) -> None:
    """rdflib, too, reads as many statements out of an export as it holds."""
    graph = rdflib.Dataset() if FORMATS[form].name in ("trig", "nquads", "jsonld") else rdflib.Graph()
    graph.parse(data=b"".join(exporter.chunks(form)), format=RDFLIB[form])
    wanted = set(read_quads(spp_release.path / "dataset.nq"))
    if isinstance(graph, rdflib.Dataset):
        assert len(set(graph.quads())) == len(wanted)
    else:
        hidden = set(spp_release.manifest["hidden_graphs"])
        assert len(graph) == len({quad[:3] for quad in wanted if quad[3] not in hidden})


ODD = """<http://e/a> <http://e/text> "two\\nlines \\"quoted\\" and a \\\\n" .
<http://e/a> <http://e/text> "carriage\\r\\nreturn" .
<http://e/a> <http://e/text> "ends in \\"\\n\\"" .
<http://e/a> <http://e/number> "007"^^<http://www.w3.org/2001/XMLSchema#integer> .
<http://e/a> <http://e/number> "7"^^<http://www.w3.org/2001/XMLSchema#integer> .
<http://e/a> <http://e/number> "-0.50"^^<http://www.w3.org/2001/XMLSchema#decimal> .
<http://e/a> <http://e/number> "1e0"^^<http://www.w3.org/2001/XMLSchema#double> .
<http://e/a> <http://e/number> "1"^^<http://www.w3.org/2001/XMLSchema#boolean> .
<http://e/a> <http://e/number> "true"^^<http://www.w3.org/2001/XMLSchema#boolean> .
<http://e/a> <http://e/label> "Gr\u00fc\u00dfe"@de-at .
<http://e/a.> <http://e/p%20q> <http://e/b/c?d=e&f#g> .
<http://e/-a> <http://e/.b> <http://e/> .
<http://f/a:b> <http://e/p> <mailto:a@e> .
<http://e/a> <http://e/list> _:l1 .
_:l1 <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> "x" .
_:l1 <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:l2 .
_:l2 <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> _:n .
_:n <http://e/p> _:deep .
_:deep <http://e/p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .
_:l2 <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> <http://www.w3.org/1999/02/22-rdf-syntax-ns#nil> .
<http://e/a> <http://e/broken> _:m1 .
_:m1 <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> "x" .
_:m1 <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> "y" .
_:m1 <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> <http://www.w3.org/1999/02/22-rdf-syntax-ns#nil> .
_:c1 <http://e/p> _:c2 .
_:c2 <http://e/p> _:c1 .
_:s <http://e/p> _:s .
<http://e/a> <http://e/p> _:twice .
<http://e/b> <http://e/p> _:twice .
<http://e/b> <http://e/p> _:nothing .
_:twice <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> _:class .
"""


@pytest.mark.parametrize("base", ["", "http://f/", "http://e/"])
def test_odd_statements_come_back(base: str) -> None:
    """Escapes, lexical forms, names that need brackets, lists, circles and shared blank nodes survive."""
    quads = of_lines(ODD)
    wanted = canonical(ODD.encode(), "ntriples")
    written = b"".join(turtle((quad[:3] for quad in quads), PREFIXES, base))
    assert canonical(written, "turtle") == wanted, written.decode()
    named = [line[:-1] + "<http://e/g> .\n" for line in ODD.splitlines()]
    graphs = canonical("".join(named).encode(), "nquads")
    assert canonical(b"".join(trig(quads, PREFIXES, base)), "trig") == graphs
    assert canonical(b"".join(document(quads, context())), "jsonld") == graphs


def test_deep_and_long_blank_nodes_come_back() -> None:
    """Two hundred blank nodes within one another and a list of two thousand are written, and come back."""
    deep = ["<http://e/a> <http://e/p> _:d0 .\n"]
    deep += [f"_:d{n} <http://e/p> _:d{n + 1} .\n" for n in range(200)]
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    deep += ["<http://e/a> <http://e/list> _:l0 .\n"]
    for n in range(2000):
        rest = f"_:l{n + 1}" if n < 1999 else f"<{rdf}nil>"
        deep += [f'_:l{n} <{rdf}first> "{n}" .\n', f"_:l{n} <{rdf}rest> {rest} .\n"]
    quads = of_lines("".join(deep))
    written = b"".join(turtle((quad[:3] for quad in quads), PREFIXES))
    assert len(list(ox.parse(written, format=ox.RdfFormat.TURTLE))) == len(quads)
    assert written.count(b"rdf-syntax-ns#first") == 0
    written = b"".join(document(quads, context()))
    assert len(list(ox.parse(written, format=ox.RdfFormat.JSON_LD))) == len(quads)


def test_blank_nodes_of_several_graphs_are_one() -> None:
    """A blank node that two graphs name keeps its label in both."""
    quads: list[Quad] = [
        ("<http://e/a>", "<http://e/p>", "_:x", "http://e/g"),
        ("_:x", "<http://e/p>", '"1"', "http://e/h"),
    ]
    wanted = canonical(
        b'<http://e/a> <http://e/p> _:x <http://e/g> .\n_:x <http://e/p> "1" <http://e/h> .\n', "nquads"
    )
    assert canonical(b"".join(trig(quads, PREFIXES)), "trig") == wanted
    assert canonical(b"".join(document(quads, context())), "jsonld") == wanted


@pytest.mark.parametrize(
    ("iri", "short"),
    [
        ("http://e/abc", "e:abc"),
        ("http://e/a.b", "e:a.b"),
        ("http://e/a.", "<a.>"),
        ("http://e/x/y#char=1,2", "<x/y#char=1,2>"),
        ("http://e/x:y", "<http://e/x:y>"),
        ("http://e/x//y", "<http://e/x//y>"),
        ("http://e/../y", "<http://e/../y>"),
        ("http://f/abc", "<http://f/abc>"),
    ],
)
def test_short_names(iri: str, short: str) -> None:
    """An IRI gets a prefix or stands relative to the base only where it comes back the same."""
    assert Names(PREFIXES, "http://e/").short(iri) == short


def test_turtle_is_readable(exporter: Exporter) -> None:
    """Turtle begins with prefixes, groups things by class, and has one fact to a line."""
    text = b"".join(exporter.chunks("turtle")).decode()
    assert text.startswith("@base <")
    sections = re.findall(r"^# ── (.*) ──$", text, re.MULTILINE)
    assert sections[:4] == ["fg:Programme", "fg:FundingPhase", "fg:Project", "fg:Person"]
    assert len(sections) == len(set(sections))
    block = text[text.index("\nproject:adaptive-neural-tensor-networks-for-parametric-pdes a ") :]
    block = block[: block.index(" .\n\n")]
    assert "a fg:Project ,\n" in block or "a fg:Project ;" in block or "fg:Project ,\n" in block
    assert "    fg:inPhase phase:1" in block
    lines = [line for line in block.splitlines() if "fg:hasTopic " in line or line.strip().startswith("topic:")]
    assert all(line.count("topic:") == 1 for line in lines)


def test_an_added_fact_is_one_line(exporter: Exporter) -> None:
    """One more value of a property is one line more in Turtle, and one changes at most."""
    triples = exporter._things.triples
    prefixes = {"fg": "https://w3id.org/fundgraph/ontology#", "topic": f"{B}topic/", "project": f"{B}project/"}
    before = b"".join(turtle(triples, prefixes, B)).decode().splitlines()
    more = (f"<{PROJECT}>", "<https://w3id.org/fundgraph/ontology#hasTopic>", f"<{B}topic/zzz>")
    after = b"".join(turtle([*triples, more], prefixes, B)).decode().splitlines()
    assert len(after) == len(before) + 1
    assert len(set(after) - set(before)) <= 2


def test_jsonld_is_framed(exporter: Exporter) -> None:
    """In JSON-LD a project has its participations inside of it, with short names and no context to fetch."""
    whole = json.loads(b"".join(exporter.chunks("jsonld")))
    assert isinstance(whole["@context"], dict)
    graphs = {graph["id"]: graph["@graph"] for graph in whole["@graph"]}
    project = next(node for node in graphs[f"{B}graph/document/phase1"] if node["id"] == PROJECT)
    assert project["type"] == ["Project", "RegularProject"]
    assert {"participant", "withRole", "nameAsPrinted"} <= set(project["hasParticipation"][0])


@pytest.mark.parametrize("form", ["turtle", "ntriples", "trig", "jsonld", "csv", "graphml", "schemaorg"])
def test_a_graph_of_its_own(spp_snapshot: Path, form: str) -> None:
    """--graph writes one graph in each format, and nothing of another."""
    data = run("export", "-f", form, "--graph", f"{B}graph/topics", "--build-dir", spp_snapshot)
    assert b"tensor-network" in data or b"Tensor" in data
    assert b"Gitta" not in data


@pytest.mark.parametrize("form", [name for name, one in FORMATS.items() if one.is_rdf])
def test_a_thing_of_its_own(spp_snapshot: Path, form: str) -> None:
    """--thing writes what is said of a thing and its parts, the names of its people included."""
    name = "project:adaptive-neural-tensor-networks-for-parametric-pdes"
    data = run("export", "-f", form, "--thing", name, "--build-dir", spp_snapshot)
    statements = list(ox.parse(data, format=PARSERS[form]))
    subjects = {str(one.subject)[1:-1] for one in statements}
    assert {PROJECT, f"{B}person/martin-eigel"} <= subjects
    assert 100 < len(statements) < 2000
    assert not any(subject.startswith(f"{B}person/gitta") for subject in subjects)


@pytest.mark.parametrize(
    "arguments", [["--thing", f"{B}project/none"], ["--thing", "x y"], ["--dumps", "-o", "x"]]
)
def test_a_thing_that_is_not_there(spp_snapshot: Path, arguments: list[str]) -> None:
    """What cannot be written is one message and exit 2."""
    result = CliRunner().invoke(commands, ["export", *arguments, "--build-dir", str(spp_snapshot)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")


@pytest.mark.parametrize("form", ["datacite", "rocrate"])
def test_of_a_release_only(spp_snapshot: Path, form: str) -> None:
    """What describes a release is refused for a thing."""
    result = CliRunner().invoke(
        commands, ["export", "-f", form, "--thing", PROJECT, "--build-dir", str(spp_snapshot)]
    )
    assert result.exit_code == 2
    assert "describes a release" in result.stderr


@pytest.mark.slow
def test_same_bytes_whatever_the_hash_seed(spp_release: Snapshot, exporter: Exporter) -> None:
    """Every format is the same, byte for byte, in processes with other orders of sets."""
    code = (
        "import sys, hashlib, pathlib\n"
        "from fundgraph.exporting import FORMATS, Exporter\n"
        "from fundgraph.store.snapshot import read_snapshot\n"
        "exporter = Exporter(read_snapshot(pathlib.Path(sys.argv[1])))\n"
        "for name in FORMATS:\n"
        "    print(name, hashlib.sha256(b''.join(exporter.chunks(name))).hexdigest())\n"
    )

    def sums(seed: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code, str(spp_release.path)],
            capture_output=True, text=True, check=True,
            env={"PYTHONPATH": str(ROOT / "src"), "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        )  # fmt: skip
        return done.stdout

    first = sums("1")
    assert first == sums("2")
    assert len(first.splitlines()) == len(FORMATS)


def test_sums_lie_beside(spp_snapshot: Path, tmp_path: Path) -> None:
    """Beside a file lies its sum, in a folder the sums of all, and ``sha256sum -c`` finds them right."""
    target = tmp_path / "x.ttl"
    run("export", "-o", target, "--graph", f"{B}graph/topics", "--build-dir", spp_snapshot)
    folder = tmp_path / "tables"
    run("export", "-f", "csv", "-o", folder, "--build-dir", spp_snapshot)
    for where, sums in ((tmp_path, "x.ttl.sha256"), (folder, "SHA256SUMS")):
        done = subprocess.run(["sha256sum", "-c", "--strict", sums], cwd=where, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    listed = (folder / "SHA256SUMS").read_text().splitlines()
    assert {line[66:] for line in listed} == {path.name for path in folder.iterdir()} - {"SHA256SUMS"}


def test_a_folder_is_written_again(spp_snapshot: Path, tmp_path: Path) -> None:
    """What an earlier export left and is no more goes; what somebody else put there stays."""
    folder = tmp_path / "tables"
    run("export", "-f", "csv", "-o", folder, "--build-dir", spp_snapshot)
    (folder / "notes.txt").write_text("mine")
    before = (folder / "projects.csv").read_bytes()
    run("export", "-f", "csv", "-o", folder, "--graph", f"{B}graph/topics", "--build-dir", spp_snapshot)
    assert not (folder / "projects.csv").exists()
    assert (folder / "topics.csv").exists()
    assert (folder / "notes.txt").read_text() == "mine"
    run("export", "-f", "csv", "-o", folder, "--build-dir", spp_snapshot)
    assert (folder / "projects.csv").read_bytes() == before


def test_things_are_looked_up() -> None:
    """Labels are taken in English, and identifiers with their scheme."""
    fg, e = "https://w3id.org/fundgraph/ontology#", "http://e/"
    things = Things(
        read_triples(
            f'<{e}a> <http://www.w3.org/2004/02/skos/core#prefLabel> "Eis"@de .\n'
            f'<{e}a> <http://www.w3.org/2004/02/skos/core#prefLabel> "ice"@en .\n'
            f"<{e}a> <{fg}hasIdentifier> <{e}i> .\n"
            f'<{e}i> <{fg}scheme> "ror" .\n<{e}i> <{fg}value> "1" .\n'.encode()
        )
    )
    assert (things.label(f"{e}a"), things.label(f"{e}path/b")) == ("ice", "b")
    assert things.identifiers(f"{e}a") == [("ror", "1")]


def test_the_formats_are_told() -> None:
    """docs/exports.md has each format with the file's name, and none that is not there."""
    text = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `([\w.]+)` \|", text, re.MULTILINE)
    assert dict(rows) == {one.name: one.file for one in FORMATS.values()}


def test_a_thing_is_found_in_the_sorted_file(exporter: Exporter, spp_release: Snapshot) -> None:
    """What is looked up of a thing is what the whole says of it; of what is not there nothing is found."""
    file = SortedFile(spp_release.path / "dataset.nq", spp_release.manifest["hidden_graphs"])
    things = exporter._things
    subjects = sorted({triple[0][1:-1] for triple in things.triples if triple[0][0] == "<"})
    for subject in [*subjects[:5], *subjects[7::97], *subjects[-5:]]:
        assert file.said(subject) == things.properties(subject)
    for nothing in ("http://a/", f"{PROJECT}x", PROJECT[:-1], "zzz:"):
        assert file.said(nothing) == {}
    assert FoundThings(file).label(PROJECT) == things.label(PROJECT)


@pytest.mark.parametrize("few", [0, 300])
def test_one_property_is_found_in_the_sorted_file(
    exporter: Exporter, spp_release: Snapshot, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Whether a thing has many statements or few, a property of it has the values that the whole has."""
    monkeypatch.setattr(lookup, "_FEW", few)
    file = SortedFile(spp_release.path / "dataset.nq", spp_release.manifest["hidden_graphs"])
    found, whole = FoundThings(file), exporter._things
    for name in ("rdf:type", "fg:title", "fg:hasTopic", "fg:partOfProgramme", "fg:homepage"):
        for _ in range(2):
            assert found.values(PROJECT, name) == whole.values(PROJECT, name)
    assert found.properties(PROJECT) == whole.properties(PROJECT)


_IRIS = st.sampled_from(
    ["http://e/a", "http://e/b#c", "http://f/x/y", "http://e/ü", "urn:x:y", "http://e/a?b=c&d", f"{B}person/a", full("fg:title"), full("rdf:nil")]
).map("<{}>".format)  # fmt: skip
_BLANKS = st.sampled_from(["_:a", "_:b", "_:c", "_:d"])
_PREDICATES = st.sampled_from(
    [full(name) for name in ("rdf:type", "rdf:first", "rdf:rest", "rdfs:label", "fg:year", "fg:hasParticipation", "skos:prefLabel", "dcterms:subject")]
    + ["http://e/p", "http://e/p.q"]
).map("<{}>".format)  # fmt: skip
_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8).map(escape)
_LITERALS = st.one_of(
    _TEXTS.map('"{}"'.format),
    st.tuples(_TEXTS, st.sampled_from(["en", "de-at"])).map(lambda pair: f'"{pair[0]}"@{pair[1]}'),
    st.tuples(
        st.sampled_from(["1", "01", "-0", "1.5", "1.50", "true", "1e0", "2021", "x"]),
        st.sampled_from(["integer", "decimal", "boolean", "double", "gYear", "date"]),
    ).map(lambda pair: f'"{pair[0]}"^^<http://www.w3.org/2001/XMLSchema#{pair[1]}>'),
)
_TRIPLES = st.tuples(_IRIS | _BLANKS, _PREDICATES, _IRIS | _BLANKS | _LITERALS)
_QUADS = st.sets(st.tuples(_TRIPLES, st.sampled_from(["http://e/g", f"{B}graph/h"])), max_size=14)


def unstable(data: bytes, form: str) -> set[ox.Quad]:
    """Return statements whose blank nodes have names that depend on the graph alone."""
    dataset = ox.Dataset(ox.parse(data, format=PARSERS[form]))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return set(dataset)


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(_QUADS)
@hypothesis.example(
    {
        (("_:a", f"<{full('fg:hasParticipation')}>", "<http://e/a>"), "http://e/g"),
        (("<http://e/a>", f"<{full('rdf:type')}>", "_:a"), "http://e/g"),
    }
)
def test_any_statements_come_back(found: set[tuple[tuple[str, str, str], str]]) -> None:
    """Whatever statements there are, TriG, JSON-LD and Turtle give them back."""
    quads: list[Quad] = sorted((*triple, graph) for triple, graph in found)
    prefixes = {"e": "http://e/", "b": "http://e/b#", "xsd": "http://www.w3.org/2001/XMLSchema#"}
    whole = b"".join(written(quads))
    assert unstable(b"".join(trig(quads, prefixes, B)), "trig") == unstable(whole, "nquads")
    assert unstable(b"".join(document(quads, context())), "jsonld") == unstable(whole, "nquads")
    triples = sorted({quad[:3] for quad in quads})
    assert unstable(b"".join(turtle(triples, prefixes, B)), "turtle") == unstable(
        b"".join(written(triples)), "ntriples"
    )
