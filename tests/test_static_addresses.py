"""Addresses of the site as files, links between them, and the checker of links: no application, no snapshot."""

from __future__ import annotations

from pathlib import Path

import pytest

from fundgraph.web.staticsite.addresses import NAMELESS, Addresses, Place, file_of, link_between, to_root
from fundgraph.web.staticsite.check import check
from fundgraph.web.staticsite.rewrite import Rewriter

BASE = "https://example.org/kg/"
ADDRESSES = Addresses(
    BASE,
    NAMELESS,
    frozenset(("project", "person", "publication", "projects", "ontology", "documents", "queries", "releases")),
    {"fg": "https://w3id.org/fundgraph/ontology#"},
)


@pytest.mark.parametrize(
    ("address", "kind", "file", "fragment", "ask"),
    [
        ("/", "page", "index.html", "", "/"),
        ("/project/x", "page", "project/x/index.html", "", "/project/x"),
        ("/project/x.ttl", "file", "project/x.ttl", "", "/project/x.ttl"),
        ("/project/x.nt", "server", "", "", ""),
        ("/publication/10.1000%252Fa", "page", "publication/10.1000/a/index.html", "", "/publication/10.1000%2Fa"),
        ("/publication/2010.14860", "page", "publication/2010.14860/index.html", "", "/publication/2010.14860"),
        ("/identifier/a/1.2", "page", "describe/index.html", "iri=https%3A%2F%2Fexample.org%2Fkg%2Fidentifier%2Fa%2F1.2", "/describe"),
        ("/projects", "page", "projects/index.html", "", "/projects?limit=1000"),
        ("/projects?phase=1&q=a+b", "page", "projects/index.html", "phase=1&q=a+b", "/projects?limit=1000"),
        ("/projects?limit=1000&offset=1000", "page", "projects/from-1001/index.html", "", "/projects?limit=1000&offset=1000"),
        ("/editor?panel=a_b&thing=project/x", "page", "sparql/index.html", "panel=a_b&thing=project/x", "/sparql"),
        ("/describe?iri=https%3A%2F%2Fexample.org%2Fkg%2Fproject%2Fx", "page", "project/x/index.html", "", "/project/x"),
        ("/describe?iri=urn%3Ax", "page", "describe/index.html", "iri=urn%3Ax", "/describe"),
        ("/reading/0f", "page", "describe/index.html", "iri=https%3A%2F%2Fexample.org%2Fkg%2Freading%2F0f", "/describe"),
        ("/document/a", "page", "documents/a/index.html", "", "/documents/a"),
        ("/documents/a#L12", "page", "documents/a/index.html", "L12", "/documents/a"),
        ("/queries/x?person=y", "page", "queries/x/index.html", "person=y", "/queries/x"),
        ("/queries/x.csv", "file", "queries/x.csv", "", "/queries/x.csv"),
        ("/network?of=projects&by=topics", "page", "network/projects-by-topics/index.html", "", "/network?of=projects&by=topics"),
        ("/network?topic=x", "server", "", "", ""),
        ("/phases/compare?a=1&b=2", "page", "phases/compare/1-2/index.html", "", "/phases/compare?a=1&b=2"),
        ("/downloads/dataset.nq", "made", "downloads/dataset.nq.gz", "", ""),
        ("/links/review?set=a", "server", "", "", ""),
        ("/releases?unforeseen=1", "server", "", "", ""),
        ("/people?lang=de", "page", "people/index.html", "", "/people?limit=1000"),
    ],
)  # fmt: skip
def test_places(address: str, kind: str, file: str, fragment: str, ask: str) -> None:
    """Each sort of address has its place: a page, a file, a fragment that a script reads, or none without a server."""
    assert ADDRESSES.place(address) == Place(kind, file, fragment, ask)


def test_explanations_have_marks() -> None:
    """Statements are explained on one page, each by a mark of its own."""
    one = ADDRESSES.place("/explain?s=https://example.org/kg/person/a&p=fg:name&o=%22A%22")
    other = ADDRESSES.place("/explain?s=https://example.org/kg/person/a&p=fg:name&o=%22B%22")
    assert one.kind == other.kind == "why"
    assert one.file == other.file == "why/index.html"
    assert one.fragment != other.fragment
    assert (
        one.ask == '["<https://example.org/kg/person/a>", "<https://w3id.org/fundgraph/ontology#name>", "\\"A\\""]'
    )


@pytest.mark.parametrize(
    "path", ["/a/../../etc/passwd", "/a/%2e%2e/%2e%2e/x", "/./x", "/a//b", "/a%00b", "/a%5Cb"]
)
def test_no_file_outside(path: str) -> None:
    """No address leads out of the folder, or to a name that a file cannot have."""
    parts = file_of(path).split("/")
    assert all(part not in ("", ".", "..") and "\0" not in part and "\\" not in part for part in parts)


def test_long_names() -> None:
    """Names too long for a file are cut, and stay different."""
    one, other = file_of("/x/" + "é" * 300 + "a"), file_of("/x/" + "é" * 300 + "b")
    assert one != other
    assert max(len(part.encode()) for part in one.split("/")) <= 200


def test_links_between() -> None:
    """A link between files is relative, whatever their names hold."""
    assert link_between("a/b/index.html", "a/c d/index.html", "x") == "../c%20d/index.html#x"
    assert link_between("index.html", "a:b.html") == "./a:b.html"
    assert (to_root("index.html"), to_root("a/b/index.html")) == ("./", "../../")


def test_pages_are_rewritten_in_place() -> None:
    """Links of tags change, in any quotes; texts, scripts and comments that look like links stay."""
    page = (
        '<!DOCTYPE html><html lang="en"><head><script>var a = \'<a href="/x">\';</script><!-- <a href="/y"> -->'
        "</head><body><a class=n href=/project/x>1</a> <A HREF='/documents/a#L1'>2</A> <a href=\"#top\">3</a>"
        '<a title=\'href="/no"\' href="/links/review">4</a><a href="https://other.example/">5</a>'
        f'<a href="{NAMELESS}/projects?a=1&amp;b=2">6</a><form action="/projects"><pre>&lt;a href="/z"&gt;</pre></body></html>'
    )
    done = Rewriter(ADDRESSES).rewrite(page, "person/a/index.html")
    assert done.text == (
        '<!DOCTYPE html><html lang="en" data-root="../../"><head><script>var a = \'<a href="/x">\';</script><!-- <a href="/y"> -->'
        '</head><body><a class=n href="../../project/x/index.html">1</a> <A HREF="../../documents/a/index.html#L1">2</A> <a href="#top">3</a>'
        '<a title=\'href="/no"\' data-needs="server">4</a><a href="https://other.example/">5</a>'
        '<a href="../../projects/index.html#a=1&amp;b=2">6</a><form action="../../projects/index.html">'
        '<pre>&lt;a href="/z"&gt;</pre></body></html>'
    )
    assert done.left_out == ["/links/review"]
    assert {place.file for place in done.places} == {
        "project/x/index.html",
        "documents/a/index.html",
        "projects/index.html",
    }


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("b/index.html", "no such file"),
        ("/a/index.html", "top of a host"),
        ("a/index.html#no", "no such anchor"),
        ("#no", "no such anchor"),
        ("../a/index.html", "no such file"),
        ("data.txt", ""),
        ("a/", ""),
        ("a/index.html?q=1#yes", ""),
        ("c.html#phase=1", ""),
        ("a/index.html#phase=1", "no such anchor"),
        ("https://other.example/nothing", ""),
    ],
)
def test_the_checker_finds_what_is_broken(tmp_path: Path, link: str, why: str) -> None:
    """A missing file, a missing anchor and a link to the top of a host are found; what is there is not."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "index.html").write_text('<p id="yes">')
    (tmp_path / "c.html").write_text('<script id="facets" type="application/json">{}</script>')
    (tmp_path / "data.txt").write_text("x")
    (tmp_path / "index.html").write_text(f'<a href="{link}">')
    found = list(check(tmp_path))
    assert [why in one.why for one in found] == ([True] if why else [])
