"""The pages over the real snapshot: they stand, they say what is in the graph, and each fact leads to its source."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyoxigraph as ox
import pytest
from lxml import html
from rdflib import RDF, Graph, URIRef
from rdflib.plugins.sparql import prepareQuery

from fundgraph import assets
from fundgraph.errors import QuestionError, UsageError
from fundgraph.vocab import FG
from fundgraph.web import panels

BASE = "https://w3id.org/fundgraph/spp2298/"
PROJECT = "/project/multiscale-dynamics-of-neural-nets-via-stochastic-graphops"
EMPTY = "/project/implicit-bias-and-low-complexity-networks-iloco"
PERSON = "/person/bernd-sturmfels"
ANCHOR = "/documents/phase1"
PAGES = [
    "/", "/projects", "/projects?kind=associated", "/projects?abstract=empty", "/people", "/people?role=principal-investigator&q=martin",
    "/topics", "/phases", "/organisations", "/programme", "/documents", ANCHOR, "/quality", "/ontology", "/describe",
    "/downloads", "/releases", "/links", "/links?set=orcid", "/search", "/search?q=neural", "/search?q=zzzz", "/publications", "/projects?topic=optimisation&limit=3", "/phase/1", "/phase/2", PROJECT, EMPTY,
    PERSON, "/topic/neural-network", "/organisation/dfg", "/editor?panel=project_people&thing=" + PROJECT[1:],
]  # fmt: skip
PANELS = sorted(path.stem for path in assets.pages_dir().glob("*.rq"))


def page(client: Any, path: str) -> html.HtmlElement:
    """Return a page that must be there."""
    response = client.get(path, headers={"Accept": "text/html"})
    assert response.status_code == 200, response.text[:500]
    return html.document_fromstring(response.data)


def text_of(element: html.HtmlElement) -> str:
    """Return the text of an element with its whitespace made even."""
    return " ".join(element.text_content().split())


def local_links(tree: html.HtmlElement) -> Iterator[str]:
    """Yield the paths of this site that a page links to."""
    for href in tree.xpath("//a/@href"):
        parts = urlsplit(href)
        if not parts.netloc and parts.path:
            yield href


def parse(data: bytes, form: str) -> Graph:
    """Parse RDF; rdflib's JSON-LD reader warns of itself."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "ConjunctiveGraph is deprecated", DeprecationWarning)
        return Graph().parse(data=data, format=form)


@pytest.mark.parametrize("path", PAGES)
def test_page_stands(spp_client: Any, path: str) -> None:
    """A page answers 200 with one h1, a title, unique ids, landmarks, and no load from elsewhere or inline code."""
    response = spp_client.get(path, headers={"Accept": "text/html"})
    assert response.status_code == 200, response.text[:500]
    assert response.content_type == "text/html; charset=utf-8"
    assert len(response.data) < 110_000
    tree = html.document_fromstring(response.data)
    assert tree.get("lang") == "en"
    assert len(tree.xpath("//h1")) == 1
    assert text_of(tree.xpath("//h1")[0])
    assert text_of(tree.xpath("//title")[0])
    ids = tree.xpath("//@id")
    assert sorted(ids) == sorted(set(ids))
    assert len(tree.xpath("//main")) == 1
    assert tree.xpath("//header//nav[@aria-label]")
    assert tree.xpath("//a[@class='skip' and @href='#main']")
    loads = tree.xpath(
        "//script/@src | //link[not(@rel='canonical')]/@href | //img/@src | //iframe/@src | //form/@action"
    )
    assert [load for load in loads if urlsplit(load).netloc] == []
    assert tree.xpath("//script[not(@src) and not(@type='application/json' or @type='application/ld+json')]") == []
    assert tree.xpath("//*[@style] | //style") == []
    assert tree.xpath("//@*[starts-with(name(), 'on')]") == []
    for table in tree.xpath("//table"):
        assert table.xpath("caption")
        assert table.xpath("thead//th[@scope='col']")
    for labelled in tree.xpath("//@aria-labelledby"):
        assert labelled in ids
    for field in tree.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        assert field.getparent().tag == "label" or tree.xpath(f"//label[@for='{field.get('id')}']")


@pytest.mark.slow
def test_no_jinja_leaks(spp_client: Any) -> None:
    """No page shows the traces of a template gone wrong."""
    for path in PAGES:
        words = text_of(page(spp_client, path))
        for trace in ("{{", "{%", "Undefined", "bound method", "<built-in"):
            assert trace not in words, (path, trace)


def test_home_answers_what_how_large_how_sound(spp_client: Any) -> None:
    """The first page names the programme, counts with the query behind each number, and says what is off."""
    tree = page(spp_client, "/")
    assert text_of(tree.xpath("//h1")[0]) == "Theoretical Foundations of Deep Learning"
    numbers = {
        text_of(item.xpath("span")[0]): item.xpath("a")[0] for item in tree.xpath("//ul[@class='numbers']/li")
    }
    assert text_of(numbers["projects"]) == "24"
    assert numbers["projects"].get("href") == "/editor?panel=home_projects"
    assert tree.xpath("//a[@href='/quality']")
    assert text_of(tree.xpath("//ol[@class='band']")[0]).startswith("Phase 1")


def test_numbers_lead_to_their_queries(spp_client: Any) -> None:
    """A number's link opens the editor with the query that counted it, word for word."""
    tree = page(spp_client, "/editor?panel=home_projects")
    data = json.loads(tree.xpath("//script[@id='editor-data']")[0].text)
    assert data["query"] == (assets.pages_dir() / "home_projects.rq").read_text(encoding="utf-8")
    assert tree.xpath("//textarea[@name='query']")[0].text.strip() == data["query"].strip()


def test_projects_list(spp_client: Any) -> None:
    """The list holds 23 regular projects and the associated one, and a facet leaves one kind."""
    rows = page(spp_client, "/projects").xpath("//table[@id='projects']/tbody/tr")
    assert len(rows) == 24
    assert "Adaptive Neural Tensor Networks" in text_of(rows[0])
    associated = page(spp_client, "/projects?kind=associated").xpath("//table[@id='projects']/tbody/tr")
    assert [text_of(row.xpath("th")[0]) for row in associated] == [
        "Harmonic AI: Connecting Scientific High-Performance Computing and Deep Learning"
    ]


def test_topic_facet_counts_narrower_topics(spp_client: Any) -> None:
    """The number at a topic of the tree is the length of the list it leads to, and a broad topic has its children's."""
    tree = page(spp_client, "/topics")
    link = tree.xpath("//section[contains(@class,'tree')]//a[starts-with(@href, '/projects?topic=')]")[0]
    count = int(re.sub(r"\D", "", text_of(link)))
    rows = page(spp_client, link.get("href")).xpath("//table[@id='projects']/tbody/tr")
    assert len(rows) == count > 1


def test_people_list_finds_by_name(spp_client: Any) -> None:
    """The filter of people looks into names, whatever their case."""
    names = [text_of(row.xpath("th")[0]) for row in page(spp_client, "/people?q=STURM").xpath("//tbody/tr")]
    assert names == ["Bernd Sturmfels"]


def test_missing_abstracts_are_said_plainly(spp_client: Any) -> None:
    """Where the source has '-' or nothing for an abstract, the page says so and names the line."""
    words = text_of(page(spp_client, PROJECT).xpath("//section[@aria-labelledby='abstract']")[0])
    assert "No abstract: the page has ‘-’ at line 209." in words
    words = text_of(page(spp_client, EMPTY).xpath("//section[@aria-labelledby='abstract']")[0])
    assert re.search(r"No abstract: nothing stands under the heading at line \d+\.", words)


def test_project_people_lead_to_lines(spp_client: Any) -> None:
    """Principal investigators come first, each person with honorific and a mark for every line."""
    items = page(spp_client, PROJECT).xpath("//section[@aria-labelledby='people']//li")
    assert len(items) == 4
    roles = ["principal investigator" in text_of(item) for item in items]
    assert roles == sorted(roles, reverse=True)
    assert "Prof. Dr. Christian Kühn" in " ".join(text_of(item) for item in items)
    marks = items[0].xpath(".//a[@class='mark read']/@href")
    assert marks
    assert all(re.fullmatch(r"/documents/phase1#L\d+", mark) for mark in marks)


def test_misspelling_is_shown(spp_client: Any) -> None:
    """A person's page shows the misspelt form with its line, and the finding."""
    tree = page(spp_client, PERSON)
    facts = tree.xpath("//section[@aria-labelledby='facts']//dt[text()='Misspelt']/following-sibling::dd[1]")[0]
    assert text_of(facts).startswith("Bern Sturmfels")
    assert tree.xpath("//section[@aria-labelledby='facts']//a[@class='mark read'][@href='/documents/phase1#L44']")


def test_inferred_facts_are_marked(spp_client: Any) -> None:
    """What no source says is marked as inferred, in words too."""
    marks = page(spp_client, PERSON).xpath(
        "//section[@aria-labelledby='topics']//*[contains(@class,'mark inferred')]"
    )
    assert marks
    assert text_of(marks[0]).startswith("inferred by the rules for")


def test_third_party_note(spp_client: Any) -> None:
    """A note in the source stands beside the person's role."""
    tree = page(spp_client, "/project/towards-a-statistical-analysis-of-dnn-training-trajectories")
    assert "3rd party funding" in text_of(tree.xpath("//section[@aria-labelledby='people']")[0])


@pytest.mark.slow
def test_links_of_a_project_lead_somewhere(spp_client: Any) -> None:
    """Every link of a project's page to this site is answered."""
    for href in sorted(set(local_links(page(spp_client, PROJECT)))):
        path = urlsplit(href).path
        if path.startswith("/static"):
            continue
        response = spp_client.get(href)
        assert response.status_code in (200, 303), href


def test_source_lines_have_anchors(spp_client: Any) -> None:
    """Every line of the source has its number as an anchor and its text unchanged; names lead to their people."""
    tree = page(spp_client, ANCHOR)
    text = (assets.data_dir() / "spp2298" / "documents" / "phase1.txt").read_text(encoding="utf-8")
    lines = tree.xpath("//ol[@class='source']/li")
    assert [line.get("id") for line in lines] == [f"L{number}" for number in range(1, len(text.split("\n")) + 1)]
    for line, original in zip(lines, text.split("\n"), strict=True):
        for said in line.xpath(".//span[@class='said']"):
            said.drop_tree()
        assert "".join(part.text_content() for part in line.xpath("p")) == original
    assert lines[3].xpath(".//a[@href='/person/martin-eigel']/text()") == ["Martin Eigel"]


def test_passages_have_their_iris_as_anchors(spp_client: Any) -> None:
    """The fragment of a passage's IRI is an anchor on the page of its document."""
    graph = Graph().parse(data=spp_client.get(PERSON + ".ttl").text, format="turtle")
    passages = [str(passage) for passage in graph.objects(URIRef(BASE + PERSON[1:]), FG.readFrom)]
    ids = page(spp_client, ANCHOR).xpath("//@id")
    assert passages
    for passage in passages:
        assert passage.rsplit("#", 1)[1] in ids


def test_document_iri_leads_to_its_page(spp_client: Any) -> None:
    """The IRI of a document redirects people to its lines and gives data to programs."""
    response = spp_client.get("/document/phase1", headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["Location"]) == (303, "/documents/phase1")
    response = spp_client.get("/document/phase1", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.mimetype) == (200, "text/turtle")


def test_quality_lists_findings_and_claims(spp_client: Any) -> None:
    """The quality page holds the misspelt name with its line, and the source's figures beside ours."""
    tree = page(spp_client, "/quality")
    assert "Bern Sturmfels" in text_of(tree.xpath("//section[@aria-labelledby='findings']")[0])
    assert tree.xpath("//a[@href='/documents/phase1#L44']")
    rows = tree.xpath("//section[@aria-labelledby='claims']//tbody/tr")
    claims = [[text_of(cell) for cell in row.xpath("th | td")][:3] for row in rows]
    assert ["Projects", "23", "23"] in claims
    assert ["Universities from across Germany", "24", "–"] in claims


def test_quality_shows_the_shapes_before_and_after_inference(spp_client: Any) -> None:
    """Each report has its own table, graver results first, each with what is wrong, what to do, and its line."""
    tree = page(spp_client, "/quality")
    sections = tree.xpath("//section[@aria-labelledby='shapes']//section")
    assert [text_of(section.xpath(".//h3")[0]) for section in sections] == ["Before inference", "After inference"]
    for section in sections:
        rows = section.xpath(".//tbody/tr")
        told = [[text_of(cell) for cell in row.xpath("th | td")] for row in rows]
        assert told
        assert [row[0] for row in told] == sorted((row[0] for row in told), reverse=True)
        assert all(row[3] and row[4] for row in told)
        assert rows[0].xpath(".//a[starts-with(@href, '/documents/phase1#L')]")


@pytest.mark.parametrize(
    ("suffix", "media_type", "form"),
    [
        ("ttl", "text/turtle", "turtle"),
        ("jsonld", "application/ld+json", "json-ld"),
        ("nt", "application/n-triples", "nt"),
        ("rdf", "application/rdf+xml", "xml"),
    ],
)
@pytest.mark.parametrize(
    "path", [PROJECT, PERSON, "/topic/neural-network", "/phase/1", "/organisation/dfg", "/programme"]
)
def test_things_as_rdf(spp_client: Any, path: str, suffix: str, media_type: str, form: str) -> None:
    """A thing's RDF comes by suffix and by Accept, parses, and describes the thing."""
    response = spp_client.get(f"{path}.{suffix}")
    assert (response.status_code, response.mimetype) == (200, media_type)
    graph = parse(response.data, form)
    assert (URIRef(BASE + path[1:]), RDF.type, None) in graph
    negotiated = spp_client.get(path, headers={"Accept": f"{media_type}, text/html;q=0.5"})
    assert negotiated.mimetype == media_type
    assert "Accept" in negotiated.headers["Vary"]


def test_rdf_of_a_project_holds_its_surroundings(spp_client: Any) -> None:
    """A project's RDF has its participations with person and role, and the passages they were read from."""
    graph = Graph().parse(data=spp_client.get(PROJECT + ".ttl").text, format="turtle")
    parts = list(graph.objects(URIRef(BASE + PROJECT[1:]), FG.hasParticipation))
    assert len(parts) == 4
    for part in parts:
        assert (part, FG.participant, None) in graph
        assert all((passage, FG.line, None) in graph for passage in graph.objects(part, FG.readFrom))


def test_alternates_are_announced(spp_client: Any) -> None:
    """A page names its RDF in its head and in its Link header."""
    response = spp_client.get(PROJECT, headers={"Accept": "text/html"})
    assert f'<{PROJECT}.ttl>; rel="alternate"; type="text/turtle"' in response.headers["Link"]
    tree = html.document_fromstring(response.data)
    assert tree.xpath("//link[@rel='alternate'][@type='text/turtle']/@href") == [PROJECT + ".ttl"]


def test_unacceptable_format(spp_client: Any) -> None:
    """A client that takes neither HTML nor RDF is told so."""
    assert spp_client.get(PROJECT, headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(
    "path",
    ["/project/nothing-of-that-name", "/person/x.ttl", "/project/%3E%20%7D", "/documents/nope", "/nope", "/topic/phase1",
     "/ontology.nope", "/downloads/dataset.nope", "/editor?panel=nope", "/editor?panel=../errors", "/person/martin%0Aeigel"],
)  # fmt: skip
def test_what_is_not_there(spp_client: Any, path: str) -> None:
    """What does not exist is a 404, as a page for people."""
    response = spp_client.get(path, headers={"Accept": "text/html"})
    assert response.status_code == 404
    tree = html.document_fromstring(response.data)
    assert len(tree.xpath("//h1")) == 1


def test_plain_things_are_described(spp_client: Any) -> None:
    """A participation has a description at its own IRI's path, and as RDF."""
    path = PROJECT.replace("/project/", "/participation/") + "/1/maximilian-engel"
    tree = page(spp_client, path)
    assert "Maximilian Engel" in text_of(tree.xpath("//h1")[0])
    graph = Graph().parse(data=spp_client.get(path + ".ttl").text, format="turtle")
    assert (URIRef(BASE + path[1:]), FG.participant, URIRef(BASE + "person/maximilian-engel")) in graph


@pytest.mark.parametrize(
    "query",
    ["?thing a fg:Link", "?thing a fg:Identifier", "?thing a skos:ConceptScheme", "GRAPH ?g { ?thing a fg:Finding }",
     "GRAPH ?g { ?thing a fg:Reading }", "GRAPH ?g { ?thing a sh:ValidationReport }", "?thing a void:Linkset"],
)  # fmt: skip
def test_every_kind_of_thing_has_a_page_and_rdf(spp_client: Any, query: str) -> None:
    """What has an IRI of ours stands at its path: as a page, and in every RDF format with something said of it."""
    text = f"""PREFIX fg: <{FG}> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX sh: <http://www.w3.org/ns/shacl#>
        PREFIX void: <http://rdfs.org/ns/void#>
        SELECT ?thing {{ {query} FILTER(STRSTARTS(STR(?thing), "{BASE}")) }} ORDER BY ?thing LIMIT 1"""
    found = spp_client.get("/sparql", query_string={"query": text, "format": "json"}).json["results"]["bindings"]
    iri = found[0]["thing"]["value"]
    path = "/" + iri.removeprefix(BASE)
    assert len(page(spp_client, path).xpath("//h1")) == 1
    formats = {
        "ttl": ox.RdfFormat.TURTLE,
        "jsonld": ox.RdfFormat.JSON_LD,
        "nt": ox.RdfFormat.N_TRIPLES,
        "rdf": ox.RdfFormat.RDF_XML,
    }
    for suffix, form in formats.items():
        said = ox.parse(spp_client.get(f"{path}.{suffix}").data, form)
        assert any(quad.subject == ox.NamedNode(iri) for quad in said), suffix
    by_accept = spp_client.get(path, headers={"Accept": "text/turtle"})
    assert (by_accept.status_code, by_accept.mimetype) == (200, "text/turtle")


def test_queries_and_graphs_are_things_too(spp_client: Any) -> None:
    """The IRI of a canned query leads to its page or to the catalogue's RDF, that of a graph to what it holds."""
    turtle = {"Accept": "text/turtle"}
    assert spp_client.get("/query/works-with").headers["Location"] == "/queries/works-with"
    assert spp_client.get("/query/works-with", headers=turtle).headers["Location"] == "/queries.ttl"
    assert spp_client.get("/query/works-wiht").json["suggestions"][0] == "works-with"
    led = spp_client.get("/graph/inferred", follow_redirects=True)
    assert (led.status_code, led.request.path, led.mimetype) == (200, "/graph-store", "text/turtle")
    assert spp_client.get("/graph/nothing", follow_redirects=True).status_code == 404


def test_describe(spp_client: Any) -> None:
    """Any IRI is described; one of ours goes on to its page; a broken one is refused."""
    response = spp_client.get("/describe", query_string={"iri": BASE + PERSON[1:]})
    assert (response.status_code, response.headers["Location"]) == (303, PERSON)
    assert (
        spp_client.get(
            "/describe", query_string={"iri": "https://w3id.org/fundgraph/role/participant"}
        ).status_code
        == 200
    )
    assert spp_client.get("/describe", query_string={"iri": "x> } DROP"}).status_code == 400
    assert spp_client.get("/describe", query_string={"iri": "https://example.org/nothing"}).status_code == 404


def test_descriptions_say_that_they_are_cut(spp_client: Any) -> None:
    """Where more points to something than stands on its page, the page says so; elsewhere it does not."""
    many, few = (spp_client.get("/describe", query_string={"iri": iri}, headers={"Accept": "text/html"}).text
                 for iri in ("http://www.w3.org/2004/02/skos/core#Concept", "https://w3id.org/fundgraph/role/participant"))  # fmt: skip
    assert "The first 200 are shown; there may be more." in many
    assert len(html.document_fromstring(many).xpath("//section[@aria-labelledby='into']//tbody/tr")) == 200
    assert "there may be more" not in few


def test_search_as_json(spp_client: Any) -> None:
    """The search answers JSON by Accept: misspelt names find their people, quotes do no harm."""
    found = spp_client.get("/search?q=Bern Sturm", headers={"Accept": "application/json"}).json
    assert [result["iri"] for result in found["results"]] == [BASE + PERSON[1:]]
    assert spp_client.get('/search?q="\\ } #', headers={"Accept": "application/json"}).json["count"] == 0


def test_ontology_has_an_anchor_for_each_term(spp_client: Any) -> None:
    """The ontology's page has an anchor for each class of ours, and its Turtle holds them."""
    ids = page(spp_client, "/ontology").xpath("//@id")
    assert {"Project", "Person", "Participation", "hasTopic"} <= set(ids)
    graph = Graph().parse(data=spp_client.get("/ontology.ttl").text, format="turtle")
    assert (FG.Project, RDF.type, None) in graph


@pytest.mark.parametrize(("suffix", "form"), [("ttl", "turtle"), ("nt", "nt")])
def test_downloads(spp_client: Any, suffix: str, form: str) -> None:
    """The dataset can be taken along whole."""
    response = spp_client.get(f"/downloads/dataset.{suffix}")
    assert response.status_code == 200
    assert "attachment" in response.headers["Content-Disposition"]
    assert len(Graph().parse(data=response.data, format=form)) > 5000


def test_nquads_are_the_canonical_file(spp_client: Any, spp_snapshot: Path) -> None:
    """``dataset.nq`` comes as it was written, byte for byte."""
    with spp_client.get("/downloads/dataset.nq") as response:
        assert response.data == (spp_snapshot / "current" / "dataset.nq").read_bytes()


def test_editor_page_works_without_script(spp_client: Any) -> None:
    """The editor is a form that posts to the endpoint, and its data names our prefixes."""
    tree = page(spp_client, "/editor")
    form = tree.xpath("//form[@id='editor-form']")[0]
    assert (form.get("action"), form.get("method")) == ("/sparql", "post")
    data = json.loads(tree.xpath("//script[@id='editor-data']")[0].text)
    assert data["prefixes"]["fg"] == str(FG)
    assert str(FG.Project) in [term for term, *_ in data["classes"]]
    assert str(FG.hasTopic) in [term for term, *_ in data["properties"]]


def test_unchanged_pages_are_not_sent_again(spp_client: Any) -> None:
    """A page carries a validator, and answers 304 to it."""
    first = spp_client.get("/topics")
    second = spp_client.get("/topics", headers={"If-None-Match": first.headers["ETag"]})
    assert (second.status_code, second.data) == (304, b"")


@pytest.mark.parametrize("name", PANELS)
def test_panel_is_whole(name: str) -> None:
    """A panel's query parses as it stands, says what it shows, names its columns and ends in an ORDER BY."""
    text = panels.panel_text(name)
    assert panels.panel_summary(name) != name
    prepareQuery(text)
    assert "SELECT *" not in text
    assert re.search(r"\nORDER BY [^\n]+\n(LIMIT \d+\n)?$", text)
    assert len(re.findall(r"VALUES \?(?:thing|text) \{", text)) <= 1


def test_bind_refuses_what_is_no_iri() -> None:
    """Nothing but an absolute IRI gets between the angle brackets."""
    text = panels.panel_text("project_people")
    assert "<urn:x:y>" in panels.bind(text, "urn:x:y")
    for bad in ("urn:x> } INSERT", "relative", "urn:a b", "urn:a\nb", "urn:{}"):
        with pytest.raises(UsageError):
            panels.bind(text, bad)


def test_bind_needs_a_place() -> None:
    """Binding a query that has no place for a subject is an error, not an unbound query."""
    with pytest.raises(QuestionError):
        panels.bind(panels.panel_text("home_projects"), "urn:x:y")


@pytest.mark.parametrize("path", ["project/a b", "project/", "project/<x>", "project/ä", "project/a\n"])
def test_minting_refuses_odd_slugs(path: str) -> None:
    """An IRI is minted from safe parts only."""
    with pytest.raises(UsageError):
        panels.thing_iri(BASE, path)
