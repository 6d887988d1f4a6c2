"""The site as a folder: whole, the same each time, the same answers in the browser's engine, right on any host."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from lxml import html

from fundgraph.cli import commands
from fundgraph.errors import SiteError, UsageError
from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.web.staticform import static_form
from fundgraph.web.staticsite import write_site
from fundgraph.web.staticsite.addresses import NAMELESS
from fundgraph.web.staticsite.check import check
from tests.conftest import ROOT
from tests.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("static")]

PROJECT = "project/adaptive-neural-tensor-networks-for-parametric-pdes"
ENGINE = ROOT / "tests" / "static_engine.mjs"
BIND = ROOT / "frontend" / "src" / "offline" / "bind.js"


@pytest.fixture
def site(static_site: Path) -> Path:
    """The real snapshot as a site of files."""
    return static_site


def pages(site: Path) -> list[Path]:
    """The pages of a site."""
    return sorted(site.rglob("*.html"))


def test_it_is_whole(site: Path) -> None:
    """Pages, data of things, documents, questions with answers, dumps, search and engine are there; every link leads somewhere."""
    for name in (
        "index.html", "projects/index.html", f"{PROJECT}/index.html", f"{PROJECT}.ttl", f"{PROJECT}.jsonld",
        "documents/phase1/index.html", "document/phase1/index.html", "ontology/index.html", "ontology.ttl",
        "quality/index.html", "queries/works-with/index.html", "queries/works-with.csv", "queries/works-with.json",
        "queries/works-with.rq", "network/index.html", "network/projects-by-topics/index.html", "void.ttl",
        "downloads/dataset.nq.gz", "static/offline/oxigraph.wasm.gz", "offline/search.js", "SHA256SUMS",
    ):  # fmt: skip
        assert (site / name).is_file(), name
    assert list(check(site)) == []


def test_it_is_small(site: Path) -> None:
    """The site of the shipped programme stays below 15 MB."""
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) < 15_000_000


def test_nothing_needs_a_server(site: Path) -> None:
    """No page has a link or a form that only a server could answer, or an address that nobody gave it."""
    for path in pages(site):
        text = path.read_text(encoding="utf-8")
        assert "data-needs" not in text, path
        assert NAMELESS.removeprefix("https://") not in text, path
        assert not re.search(r'<form[^>]*method="?post', text), path
    assert NAMELESS not in (site / "void.ttl").read_text() + (site / "queries.json").read_text()


def test_why_leads_to_lines(site: Path) -> None:
    """Every explanation that a page links to is there, holds, and leads to what was stated; those of a person to lines read."""
    text = (site / "offline" / "why.js").read_text(encoding="utf-8")
    told = json.loads(text.partition(" = ")[2].rstrip(";\n"))

    def sources(mark: str, above: tuple[str, ...] = ()) -> set[int]:
        *_, rule, premises, found = told["steps"][mark][:6]
        assert mark not in above
        assert rule != -2
        assert (rule == -1) == (not premises)
        return set(found).union(*(sources(one, (*above, mark)) for one in premises))

    marks = {mark for path in pages(site) for mark in re.findall(r"why/index\.html#s=(\w+)", path.read_text())}
    assert len(marks) > 2000
    assert marks <= told["steps"].keys()
    for mark in sorted(marks)[::20]:
        sources(mark)
    page = (site / "person" / "gitta-kutyniok" / "index.html").read_text(encoding="utf-8")
    inferred = re.findall(r'class="mark inferred" href="[./]*why/index\.html#s=(\w+)"', page)
    assert inferred
    for mark in inferred:
        assert any(len(told["sources"][at]) == 3 for at in sources(mark)), mark


def test_sums_are_right(site: Path) -> None:
    """SHA256SUMS names every file with its sum."""
    lines = (site / "SHA256SUMS").read_text().splitlines()
    named = {line[66:]: line[:64] for line in lines}
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    assert named.keys() == files
    for name in sorted(files)[::40]:
        assert hashlib.sha256((site / name).read_bytes()).hexdigest() == named[name]


def test_the_same_each_time(german_site: Path, tiny_snapshot: Path, tmp_path: Path) -> None:
    """Other processes, with other hashes of strings, write the same bytes, however many share the work."""
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-m", "fundgraph", "export", "-f", "site", "--language", "de"]
    command += ["-o", str(tmp_path / "again"), "--build-dir", str(tiny_snapshot)]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    one, other = ((place / "SHA256SUMS").read_text().splitlines() for place in (german_site, tmp_path / "again"))
    assert len(one) > 200
    assert [line[66:] for line in set(one) ^ set(other)] == []


def test_a_german_site(german_site: Path) -> None:
    """In German, pages take what scripts say from one file, and are told what the columns of new answers are called."""
    assert '"Copied":"Kopiert"' in (german_site / "offline" / "words.js").read_text(encoding="utf-8")
    known = set()
    for path in (german_site / "queries").glob("*/index.html"):
        page = html.parse(path).getroot()
        assert page.get("lang") == "de"
        assert "../../offline/words.js" in page.xpath("//script/@src")
        assert page.xpath("//script[@id='words']") == []
        for spec in page.xpath("//script[@id='question']"):
            headings = json.loads(spec.text)["headings"]
            shown = {heading.text_content() for heading in page.xpath("//table[@id='result']/thead//th")}
            assert shown <= set(headings.values())
            known |= headings.items()
    assert {("project", "Projekt"), ("person", "Person"), ("worksWith", "arbeitet mit")} & known
    assert len(known) > 40


def test_dumps_are_those_of_the_release(site: Path, spp_snapshot: Path) -> None:
    """The packed N-Quads are the release's own file."""
    packed = gzip.decompress((site / "downloads" / "dataset.nq.gz").read_bytes())
    assert packed == (spp_snapshot / "current" / "dataset.nq").read_bytes()


def test_data_of_things_parse(site: Path) -> None:
    """Turtle beside pages is well-formed and is about its thing; the description names the dumps by links that lead to them."""
    thing = f"https://w3id.org/fundgraph/spp2298/{PROJECT}"
    triples = list(ox.parse(path=str(site / f"{PROJECT}.ttl")))
    assert any(triple.subject == ox.NamedNode(thing) for triple in triples)
    framed = json.loads((site / f"{PROJECT}.jsonld").read_text())
    assert framed["id"] == thing
    assert (site / "project" / framed["@context"]).resolve() == (site / "ontology" / "context.jsonld").resolve()
    here = "http://host.example/a/b/"
    dumps = {
        quad.object.value
        for quad in ox.parse(path=str(site / "void.ttl"), base_iri=f"{here}void.ttl")
        if quad.predicate.value.endswith("dataDump")
    }
    assert dumps
    assert all((site / url.removeprefix(here)).is_file() for url in dumps)


THINGS = (PROJECT, "person/lars-grasedyck", "topic/bayesian-inference", "phase/1", "programme", "document/phase1")


def statements(lines: bytes) -> set[str]:
    """The statements of N-Triples or Turtle, their literals as a store has them."""
    store = ox.Store()
    store.bulk_load(lines, ox.RdfFormat.TURTLE)
    return {str(quad.triple) for quad in store}


def test_descriptions_are_those_of_the_server(site: Path, spp_client: Any) -> None:
    """The Turtle beside a page says the same as the server's, for each kind of things."""
    for name in THINGS:
        served = spp_client.get(f"/{name}.nt").get_data()
        assert statements((site / f"{name}.ttl").read_bytes()) == statements(served), name


def test_descriptions_are_those_of_the_query(spp_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked up of a thing is what the query behind its page gives, which serves where there is too much to look up."""
    for name in THINGS:
        looked_up = spp_client.get(f"/{name}.nt").get_data()
        with monkeypatch.context() as changed:
            changed.setattr("fundgraph.export.description.MOST", 1)
            asked = spp_client.get(f"/{name}.nt").get_data()
        assert statements(asked) == statements(looked_up), name
        assert len(asked) > 500


# --- the same answers in the engine of the browser


def asked(site: Path, orders: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """Ask the engine in node."""
    node = shutil.which("node")
    if node is None:
        if os.environ.get("CI"):
            pytest.fail("node is not installed; sh .ci/packages installs it")
        pytest.skip("node is not installed")
    (folder / "orders.json").write_text(json.dumps(orders), encoding="utf-8")
    command = [node, str(ENGINE), str(site), str(folder / "orders.json"), str(BIND)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)["done"]
    return answers


def rows(data: dict[str, Any]) -> list[Any]:
    """The rows of results, blank nodes without their names."""
    if "boolean" in data:
        return [data["boolean"]]
    names = data["head"]["vars"]
    return [
        [None if (term := row.get(name)) is None else {**term, "value": "_"} if term["type"] == "bnode" else term for name in names]
        for row in data["results"]["bindings"]
    ]  # fmt: skip


def test_questions_have_the_same_answers(site: Path, spp_snapshot: Path, tmp_path: Path) -> None:
    """Each canned query, and with each of some other values of its parameters, has the same text and the same rows."""
    orders, expected = [], []
    with KnowledgeGraph.open(spp_snapshot, Settings(build_dir=spp_snapshot)) as kg:
        for question in kg.questions.values():
            if question.services or question.form != "SELECT":
                continue
            form = static_form(question, kg.base, kg.prefixes)
            given: list[dict[str, str]] = [{}]
            for one in question.params:
                given += [
                    {one.name: value} for value in OTHERS.get(one.type, ()) if one.options in (None, "instances")
                ]
            for values in given:
                text = question.bind(values, kg.base, prefixes=kg.prefixes)
                with kg.answer(text, format="json").body as body:
                    expected.append((question.id, values, text, rows(json.load(body))))
                orders.append({"form": form, "given": values, "run": True})
    assert len(orders) > 80
    for (name, values, text, wanted), found in zip(expected, asked(site, orders, tmp_path), strict=True):
        assert found.get("query") == text, (name, values, found)
        assert rows(json.loads(found["answer"]["text"])) == wanted, (name, values)
        assert found["answer"]["completeness"] == "complete"


#: Other values than the usual ones, by type.
OTHERS = {
    "fg:Person": ("lars-grasedyck", "person:philipp-grohs", "nobody-at-all"),
    "fg:Topic": ("bayesian-inference", "<https://w3id.org/fundgraph/spp2298/topic/deep-learning>"),
    "fg:FundingPhase": ("2",),
    "xsd:string": ('quo"ted \\u00e9 {x}', "deep"),
    "xsd:integer": ("2", "-007"),
}

DEFAULT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
HIDDEN = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"
FROM = "SELECT (COUNT(*) AS ?n) FROM <https://w3id.org/fundgraph/spp2298/graph/report> { ?s ?p ?o }"


def test_graphs_are_the_same(site: Path, spp_snapshot: Path, tmp_path: Path) -> None:
    """The default graph is the union of all but the hidden graphs, these are reached with GRAPH, and FROM counts."""
    found = asked(site, [{"query": query} for query in (DEFAULT, HIDDEN, FROM)], tmp_path)
    with KnowledgeGraph.open(spp_snapshot, Settings(build_dir=spp_snapshot)) as kg:
        for query, one in zip((DEFAULT, HIDDEN, FROM), found, strict=True):
            with kg.answer(query, format="json").body as body:
                assert rows(json.loads(one["answer"]["text"])) == rows(json.load(body)), query


def test_answers_say_whether_they_are_whole(site: Path, tmp_path: Path) -> None:
    """More rows than allowed are cut, with or without a LIMIT of the query's own or VALUES at its end; the answer says so."""
    queries = (
        "SELECT ?s { ?s ?p ?o }", "SELECT ?s { ?s ?p ?o } LIMIT 9", "SELECT ?s { ?s ?p ?o } LIMIT 5",
        "SELECT ?s { ?s ?p ?o } VALUES ?p { <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> }",
        "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", "ASK { ?s ?p ?o }", "SELECT ?s { ?s ?p ?o } # the end",
    )  # fmt: skip
    found = asked(site, [{"query": query, "rows": 5} for query in queries], tmp_path)
    cut = "truncated; rows=5"
    said = [one["answer"]["completeness"] for one in found]
    assert said == [cut, cut, "complete", cut, cut, "complete", cut]
    assert len(json.loads(found[0]["answer"]["text"])["results"]["bindings"]) == 5
    assert json.loads(found[0]["answer"]["text"])["meta"]["completeness"] == cut
    assert len(found[4]["answer"]["text"].splitlines()) == 5


def test_what_is_wrong_is_said(site: Path, tmp_path: Path) -> None:
    """A malformed query is told with line and column, SERVICE is refused with the reason."""
    wrong = ("SELECT ?s {\n ?s ?p }", "SELECT ?s { SERVICE <https://other.example/> { ?s ?p ?o } }")
    malformed, federated = (one["problem"] for one in asked(site, [{"query": query} for query in wrong], tmp_path))
    assert (malformed["status"], malformed["line"]) == (400, 2)
    assert federated["status"] == 403
    assert "another server" in federated["detail"]


# --- on hosts


@contextmanager
def listening(command: list[str], port: int, cwd: Path) -> Iterator[None]:
    """Run a server until it is no longer needed; ended by its number."""
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        else:
            pytest.fail(f"{command[0]} does not listen on {port}")
        yield
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def plain_server(site: Path) -> Iterator[str]:
    """``python -m http.server`` over the folder."""
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(site)]
    with listening(command, port, site):
        yield f"http://127.0.0.1:{port}/"


@contextmanager
def nginx(site: Path, folder: Path) -> Iterator[str]:
    """Nginx with the folder below a path of its own, by the words of docs/static-site.md."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("nginx is not installed; sh .ci/packages installs it")
        pytest.skip("nginx is not installed")
    found = re.search(r"```nginx\n(.*?)```", (ROOT / "docs" / "static-site.md").read_text(), re.DOTALL)
    assert found
    port = free_port()
    own = found[1].replace("/srv/spp2298/", f"{site}/")
    paths = "".join(
        f"  {name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\n  access_log off;\n  types {{ text/html html; text/css css; text/javascript js; }}\n{paths}"
        f"  server {{\n    listen 127.0.0.1:{port};\n{own}\n  }}\n}}\n"
    )
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    with listening(command, port, folder):
        yield f"http://127.0.0.1:{port}/programmes/spp2298/"


def follow(root: str, names: list[str]) -> int:
    """Ask a host for files and for all that pages among them link to; return how many were asked."""
    host = urlsplit(root)
    connection = HTTPConnection(host.hostname or "", host.port, timeout=20)
    seen: set[str] = set()

    def get(url: str) -> bytes:
        path = urlsplit(url).path
        connection.request("GET", path)
        answer = connection.getresponse()
        data = answer.read()
        assert answer.status == 200, url
        return data

    for name in names:
        url = urljoin(root, name)
        page = html.document_fromstring(get(url).decode("utf-8").encode())
        for link in page.xpath("//@href|//@src|//@action"):
            to = urljoin(url, link).partition("#")[0].partition("?")[0]
            if to.startswith("http://127.0.0.1") and to not in seen and not link.startswith("data:"):
                assert to.startswith(root), (name, link)
                seen.add(to)
                get(to)
    connection.close()
    return len(seen)


SOME = [
    "",
    "projects/",
    f"{PROJECT}/",
    "person/lars-grasedyck/index.html",
    "queries/works-with/index.html",
    "sparql/",
]


def test_on_the_plain_server(site: Path) -> None:
    """Python's own server of files hands out pages by their folders and all that they link to."""
    with plain_server(site) as root:
        assert follow(root, SOME) > 100


def test_below_a_path_of_nginx(site: Path, tmp_path: Path) -> None:
    """So does nginx below a path, and no link leaves that path."""
    with nginx(site, tmp_path) as root:
        assert follow(root, SOME) > 100


# --- the command


def test_the_command_keeps_what_is_not_its_own(spp_snapshot: Path, tmp_path: Path) -> None:
    """Without a folder, or with one that holds something else, nothing is written and the exit status is 2."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "thesis.txt").write_text("years of work")
    for more in ([], ["-o", str(tmp_path / "kept")], ["-o", str(tmp_path / "x"), "--language", "xx"]):
        done = CliRunner().invoke(commands, ["export", "-f", "site", "--build-dir", str(spp_snapshot), *more])
        assert done.exit_code == 2, done.output
    assert [path.name for path in tmp_path.rglob("*")] == ["kept", "thesis.txt"]


def test_a_broken_link_is_an_error(tiny_snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a link leads nowhere, the site is not written, and the error names page and link."""
    from fundgraph.web.staticsite import shipped

    monkeypatch.setattr(shipped, "write_assets", lambda _: None)
    monkeypatch.setattr(
        "fundgraph.web.staticsite._seeds", lambda addresses, things: [addresses.place("/downloads")]
    )
    with pytest.raises(SiteError, match=r"links lead nowhere: .*static/site\.css: there is no such file"):
        write_site(Settings(build_dir=tiny_snapshot), tmp_path / "site")
    assert list(tmp_path.iterdir()) == []


def test_unknown_language(tmp_path: Path) -> None:
    """Only the languages of the interface can be chosen."""
    with pytest.raises(UsageError, match="de"):
        write_site(Settings(), tmp_path / "site", language="xx")
