"""The reconciliation service over a real socket: what it answers, by the published schemas, and what is certain."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from fundgraph.kg import KnowledgeGraph
from fundgraph.reconcile.asking import MOST_QUERIES
from fundgraph.reconcile.service import FEATURES, Reconciler, score_of
from tests.test_engine_workers import soon
from tests.test_server import Server, start

pytestmark = pytest.mark.slow

SUITE = Path(__file__).resolve().parents[2] / "shared" / "suites" / "reconciliation" / "0.2"
FELIX, FELIX_ORCID = "person/felix-dietrich", "0000-0002-2906-1769"
needs_suite = pytest.mark.skipif(not SUITE.is_dir(), reason="the schemas lie beside the repository")


def _schema(name: str) -> Draft7Validator:
    """Return what checks answers against a published schema; what it refers to beyond is let pass."""

    def found(uri: str) -> Any:
        path = SUITE / "schemas" / uri.rpartition("/")[2].partition("#")[0]
        data = json.loads(path.read_text(encoding="utf-8")) if "swagger" not in uri else {
            "definitions": {"securityDefinitions": {"additionalProperties": {}}}
        }  # fmt: skip
        return Resource.from_contents(data, default_specification=DRAFT7)

    data = json.loads((SUITE / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    return Draft7Validator(data, registry=Registry(retrieve=found))


def fits(name: str, data: Any) -> None:
    """See that data fit a schema."""
    assert [error.message for error in _schema(name).iter_errors(data)] == []


@pytest.fixture(scope="module")
def server(spp_snapshot: Path) -> Iterator[Server]:
    """A server over the real snapshot."""
    made = start(spp_snapshot, "--workers", "1")
    assert soon(lambda: made.get("/readyz")[0] == 200, 30)
    yield made
    made.process.terminate()
    assert made.process.wait(20) == 0


def get(server: Server, path: str, **parameters: str) -> Any:
    """Return the JSON at an address, which must be there."""
    status, body = server.get(f"{path}?{urllib.parse.urlencode(parameters)}" if parameters else path)
    assert status == 200, body
    return json.loads(body)


def post(server: Server, **form: Any) -> tuple[int, Any]:
    """Send a form whose values are JSON."""
    data = urllib.parse.urlencode({name: json.dumps(value) for name, value in form.items()}).encode()
    try:
        with urllib.request.urlopen(server.url + "/reconcile", data=data, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def candidates(server: Server, **query: Any) -> list[dict[str, Any]]:
    """Return the candidates for one query."""
    status, data = post(server, queries={"q0": query})
    assert status == 200, data
    found: list[dict[str, Any]] = data["q0"]["result"]
    return found


def features(candidate: dict[str, Any]) -> dict[str, Any]:
    """Return the features of a candidate."""
    return {one["id"]: one["value"] for one in candidate["features"]}


@needs_suite
def test_schemas_refuse_what_is_wrong() -> None:
    """The published examples of what is invalid do not fit the schemas, so that a fit means something."""
    for kind in ("manifest", "reconciliation-result-batch", "data-extension-response"):
        for path in sorted((SUITE / "examples" / kind / "invalid").glob("*.json")):
            if "authentication" not in path.name:  # what it refers to is not among the schemas
                assert list(_schema(kind).iter_errors(json.loads(path.read_text(encoding="utf-8")))), path


@needs_suite
def test_manifest(server: Server) -> None:
    """The service describes itself by the schema, and each address that it names answers."""
    manifest = get(server, "/reconcile")
    fits("manifest", manifest)
    assert manifest == get(server, "/reconcile/")
    assert manifest["identifierSpace"] == "https://w3id.org/fundgraph/spp2298/"
    for key in ("view", "preview"):
        path = manifest[key]["url"].replace("{{id}}", urllib.parse.quote(FELIX, safe="")).removeprefix(server.url)
        assert server.get(path)[0] == 200
    assert server.get(manifest["documentation"].removeprefix(server.url))[0] == 200
    for what, id_ in (("entity", FELIX), ("type", "Person"), ("property", "affiliatedWith")):
        suggest = manifest["suggest"][what]
        assert get(server, (suggest["service_url"] + suggest["service_path"]).removeprefix(server.url), prefix="a")
        flyout = (suggest["flyout_service_url"] + suggest["flyout_service_path"]).removeprefix(server.url)
        assert get(server, flyout.replace("${id}", urllib.parse.quote(id_, safe="")))["id"] == id_


@needs_suite
def test_published_batches_are_answered(server: Server) -> None:
    """Each published example of a batch is answered by the schema, and each that is wrong is refused with 400."""
    folder = SUITE / "examples" / "reconciliation-query-batch"
    for path in sorted((folder / "valid").glob("*.json")):
        status, data = post(server, queries=json.loads(path.read_text(encoding="utf-8")))
        assert status == 200, (path, data)
        fits("reconciliation-result-batch", data)
    for path in sorted((folder / "invalid").glob("*.json")):
        status, data = post(server, queries=json.loads(path.read_text(encoding="utf-8")))
        assert (status, data["type"].rpartition("/")[2]) == (400, "reconciliation"), path


@needs_suite
def test_a_batch_by_get_and_by_post(server: Server) -> None:
    """GET and POST answer the same, by the schema, each query under its own name."""
    batch = {
        "a": {"query": "Felix Dietrich"},
        "b": {"query": "deep learning", "type": "Topic", "limit": 3},
        "é": {"query": "xyzzy"},
    }
    by_get = get(server, "/reconcile", queries=json.dumps(batch))
    status, by_post = post(server, queries=batch)
    assert (status, by_post) == (200, by_get)
    fits("reconciliation-result-batch", by_get)
    assert list(by_get) == list(batch)
    assert by_get["é"] == {"result": []}
    assert len(by_get["b"]["result"]) == 3


@pytest.mark.parametrize(
    "name",
    ["Felix Dietrich", "Dietrich, Felix", "FELIX DIETRICH", "Prof. Dr. Felix Dietrich", "Dr. rer. nat. Dietrich, Felix", "Felix Dietrich (TUM)"],
)  # fmt: skip
def test_one_exact_name_is_certain(server: Server, name: str) -> None:
    """A name that exactly one thing has, whatever its capitals, titles and order with a comma, is certain."""
    first, *others = candidates(server, query=name)
    assert (first["id"], first["match"], first["score"]) == (FELIX, True, 100)
    assert not any(one["match"] for one in others)


@pytest.mark.parametrize(
    ("name", "id_"),
    [("F. Dietrich", FELIX), ("Felix Ditrich", FELIX), ("Frank Martin", "person/martin-frank"), ("Luecke", "person/joerg-luecke"),
     ("J. Lücke", "person/joerg-luecke"), ("Jorg Lucke", "person/joerg-luecke")],
)  # fmt: skip
def test_other_spellings_are_found_and_never_certain(server: Server, name: str, id_: str) -> None:
    """Initials, misspellings, names the other way round and lone family names find the person, who is not certain."""
    first = candidates(server, query=name, type="Person")[0]
    assert (first["id"], first["match"], first["score"] < 100) == (id_, False, True)


def test_the_score_follows_from_the_features(server: Server) -> None:
    """Each score can be computed from the features, each feature is explained, and all stand in order."""
    queries = [
        {"query": "Felix Dietrich", "type": "Project", "type_strict": "should"},
        {"query": "Martin Egel", "properties": [{"pid": "affiliatedWith", "v": "Weierstrass Institute"}]},
        {"query": "Max Mustermann", "properties": [{"pid": "orcid", "v": FELIX_ORCID}]},
        {"properties": [{"pid": "hasParticipant", "v": ["Martin Eigel"]}], "type": "Project"},
    ]
    for query in queries:
        found = candidates(server, **query)
        assert found
        assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
        for one in found:
            assert one["score"] == score_of(features(one))
            for name in features(one):
                assert name in FEATURES or name.startswith("property:")
                assert server.get(f"/reconcile/feature?id={urllib.parse.quote(name)}")[0] == 200


@pytest.mark.parametrize(
    "given",
    [FELIX_ORCID, f"https://orcid.org/{FELIX_ORCID}", FELIX, f"https://w3id.org/fundgraph/spp2298/{FELIX}"],
)
def test_an_identifier_is_certain(server: Server, given: str) -> None:
    """An identifier in place of a name, of others or of ours, is certain."""
    first = candidates(server, query=given)[0]
    assert (first["id"], first["match"], features(first)) == (FELIX, True, {"identifier_match": True})


def test_an_identifier_against_the_name(server: Server) -> None:
    """An identifier beside a name makes it certain; one that contradicts the name does not, and one of another is held against it."""
    orcid = [{"pid": "orcid", "v": FELIX_ORCID}]
    assert candidates(server, query="F. Dietrich", properties=orcid)[0]["match"]
    first = candidates(server, query="Max Mustermann", properties=orcid)[0]
    assert (first["id"], first["match"], first["score"]) == (FELIX, False, 60)
    other = candidates(server, query="Felix Dietrich", properties=[{"pid": "orcid", "v": "0000-0002-1825-0097"}])[
        0
    ]
    assert (other["id"], other["match"], features(other)["identifier_conflict"]) == (FELIX, False, True)


def test_properties_tell_apart_and_hold_against(server: Server) -> None:
    """A property that fits leaves an exact name certain, one that does not takes that away; an unknown one says nothing."""

    def asked(pid: str, value: Any) -> dict[str, Any]:
        return candidates(server, query="Felix Dietrich", properties=[{"pid": pid, "v": value}])[0]

    tum = "organisation/technical-university-of-munich"
    for value in ("Technical University of Munich", {"id": tum, "name": "TUM"}, ["nowhere at all", {"id": tum}]):
        assert (asked("affiliatedWith", value)["match"], asked("affiliatedWith", value)["score"]) == (True, 100)
    away = asked("affiliatedWith", "University of Bonn")
    assert (away["match"], away["score"] < 100) == (False, True)
    assert asked("shoeSize", 43)["match"]


@pytest.mark.parametrize(
    ("types", "strict", "expected"),
    [("Person", "any", True), (["Topic", "Person"], "any", True), (["Topic", "Person"], "all", False), ("Topic", "any", False),
     ("Topic", "should", True), ("PrincipalInvestigator", "any", False), ("Q5", "any", False),
     ("https://w3id.org/fundgraph/ontology#Person", "any", True)],
)  # fmt: skip
def test_types(server: Server, types: Any, strict: str, expected: bool) -> None:
    """A type leaves out things of others, unless it only should be so; a type that is not known leaves nothing."""
    found = candidates(server, query="Felix Dietrich", type=types, type_strict=strict)
    assert (FELIX in [one["id"] for one in found]) is expected


def test_several_types_of_one_thing(server: Server) -> None:
    """A candidate tells all its types, the narrowest first, and each can be asked for."""
    for type_ in ("Project", "RegularProject"):
        first = candidates(server, query="Adaptive Neural Tensor Networks for Parametric PDEs", type=type_)[0]
        assert [one["id"] for one in first["type"]] == ["RegularProject", "Project"]
        assert first["match"]


def test_namesakes_are_never_certain(tmp_path: Path) -> None:
    """Where two things have the very name, both are shown, with what tells them apart, and neither is certain."""
    from fundgraph import assets
    from fundgraph.reconcile.asking import Asked
    from fundgraph.settings import Settings
    from fundgraph.store.indexing import write_index
    from tests.snapshots import BASE, make_snapshot

    fg, rdf = "https://w3id.org/fundgraph/ontology#", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    label = "http://www.w3.org/2000/01/rdf-schema#label"
    names = ["Johannes Müller", "Johannes Mueller", "Johanna Müller"]
    triples = "".join(
        f'<{BASE}person/{n}> <{rdf}> <{fg}Person> .\n<{BASE}person/{n}> <{label}> "{name}" .\n'
        for n, name in enumerate(names)
    )
    snapshot = make_snapshot(tmp_path, {"document/a": triples})
    write_index(
        snapshot.path, {path.stem: path.read_text(encoding="utf-8") for path in assets.pages_dir().glob("*.rq")}
    )
    with KnowledgeGraph.open(tmp_path, Settings(build_dir=tmp_path)) as kg:
        answer = Reconciler(kg).answer({"q": Asked("Johannes Müller")}, 5)["q"]["result"]
    told = [(one["id"], one["match"], one["score"], features(one)["namesakes"]) for one in answer[:2]]
    assert sorted(told) == [("person/0", False, 100, 2), ("person/1", False, 100, 2)]
    assert answer[2]["id"] == "person/2"


def test_misspelt_names_are_found_among_many(tmp_path: Path) -> None:
    """A slip anywhere in a name, the first letter too, leads to its person, though other names are near and one given name is common."""
    import sqlite3

    from fundgraph.store.identities import Identities, write_identities

    families = ["Kruse", "Krause", "Kutyniok", "Kutzner", "Berner", "Werner", "Brenner"]
    names = [f"Thomas {family}" for family in families] + [f"Thomas Familie{n}x" for n in range(600)]
    connection = sqlite3.connect(tmp_path / "index.sqlite")
    connection.execute("CREATE TABLE thing (id INTEGER, iri TEXT, list TEXT, label TEXT)")
    connection.executemany(
        "INSERT INTO thing VALUES (?, ?, 'people', ?)", [(n, f"x:{n}", one) for n, one in enumerate(names)]
    )
    forms = [(f"x:{n}", "label", one) for n, one in enumerate(names)]
    write_identities(
        connection,
        lambda query, *_: forms if query == "f" else [],
        {"index_forms": "f"},
        {f"x:{n}": n for n in range(len(names))},
    )
    connection.commit()
    connection.close()
    identities = Identities(tmp_path / "index.sqlite")
    for written, family in (("Thomas Krsue", "Kruse"), ("Tohmas Krause", "Krause"), ("Thomas Lutyniok", "Kutyniok"),
                            ("Thoms Kutznre", "Kutzner"), ("Thomas Bernre", "Berner")):  # fmt: skip
        assert names.index(f"Thomas {family}") in identities.near(written)[:10], written
    assert names.index("Thomas Krause") in identities.near("Thomas Kruse")[:3]
    assert identities.near("Thomas Kruse", certain=True)[0] == 0


@needs_suite
def test_names_in_the_reader_s_language(server: Server) -> None:
    """Types and properties are called in German where German is asked for, are found by either name, and caches know."""
    asked = {"Accept-Language": "de"}

    def told(path: str) -> Any:
        request = urllib.request.Request(server.url + path, headers=asked)
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.headers["Content-Language"] == "de"
            assert "accept-language" in answer.headers["Vary"].lower()
            return json.loads(answer.read())

    manifest = told("/reconcile")
    fits("manifest", manifest)
    assert {"id": "Topic", "name": "Thema"} in manifest["defaultTypes"]
    for word in ("regul%C3%A4r", "regular"):
        assert "RegularProject" in [one["id"] for one in told(f"/reconcile/suggest/type?prefix={word}")["result"]]
    assert [one["name"] for one in told("/reconcile/suggest/property?prefix=zugeh")["result"]] == ["Zugehörigkeit"]
    assert told("/reconcile/suggest/property?prefix=affil")["result"][0]["id"] == "affiliatedWith"
    batch = urllib.parse.quote(json.dumps({"q": {"query": "Felix Dietrich"}}))
    assert told(f"/reconcile?queries={batch}")["q"]["result"][0]["type"] == [{"id": "Person", "name": "Person"}]
    extended = urllib.parse.quote(
        json.dumps({"ids": [FELIX], "properties": [{"id": "affiliatedWith"}, {"id": "orcid"}]})
    )
    assert [one["name"] for one in told(f"/reconcile?extend={extended}")["meta"]] == [
        "Zugehörigkeit",
        "Kennung: orcid",
    ]


def test_the_german_catalogue_has_all_names() -> None:
    """Each name and each description of types and properties has its German words, and no other stands there."""
    from fundgraph.reconcile.properties import PROPERTIES, TYPES
    from fundgraph.web.languages import tables

    needed = {
        text for one in (*TYPES.values(), *PROPERTIES.values()) for text in (one.name, one.description) if text
    }
    assert set(tables("de")["reconciliation"]) == needed | {"Identifier: {}"}


@needs_suite
def test_extending_data(server: Server) -> None:
    """Data are extended by the schema: things as things, texts as texts, unknown things with nothing; limits hold."""
    ids = [FELIX, "person/nobody", "project/adaptive-neural-tensor-networks-for-parametric-pdes", "phase/1"]
    properties = [{"id": "affiliatedWith"}, {"id": "orcid"}, {"id": "withRole"}, {"id": "startDate"}, {"id": "number"},
                  {"id": "hasParticipant", "settings": {"limit": "2"}}, {"id": "inPhase"}]  # fmt: skip
    status, data = post(server, extend={"ids": ids, "properties": properties})
    assert status == 200, data
    fits("data-extension-response", data)
    assert [one["id"] for one in data["meta"]] == [one["id"] for one in properties]
    assert data["meta"][0]["type"] == {"id": "Organisation", "name": "Organisation"}
    felix = data["rows"][FELIX]
    assert felix["affiliatedWith"] == [
        {"id": "organisation/technical-university-of-munich", "name": "Technical University of Munich"}
    ]
    assert (felix["orcid"], felix["withRole"]) == ([{"str": FELIX_ORCID}], [{"str": "participant"}])
    assert set(map(str, data["rows"]["person/nobody"].values())) == {"[]"}
    assert len(data["rows"][ids[2]]["hasParticipant"]) == 2
    assert data["rows"][ids[2]]["inPhase"] == [{"id": "phase/1", "name": "Phase 1"}]
    assert data["rows"]["phase/1"]["number"] == [{"int": 1}]


@needs_suite
def test_suggestions(server: Server) -> None:
    """Things, types and properties are suggested by the schemas, and properties proposed for a type."""
    entities = get(server, "/reconcile/suggest/entity", prefix="diet")
    fits("suggest-entities-response", entities)
    assert entities["result"][0]["id"] == FELIX
    assert get(server, "/reconcile/suggest/entity", prefix="diet", type="Topic") == {"result": []}
    types = get(server, "/reconcile/suggest/type", prefix="project")
    fits("suggest-types-response", types)
    assert [one["id"] for one in types["result"]] == ["Project", "RegularProject", "AssociatedProject"]
    properties = get(server, "/reconcile/suggest/property", prefix="orcid")
    fits("suggest-properties-response", properties)
    assert [one["id"] for one in properties["result"]] == ["orcid"]
    proposed = get(server, "/reconcile/properties", type="Person", limit="3")
    fits("data-extension-property-proposal", proposed)
    assert [one["id"] for one in proposed["properties"]] == ["name", "altLabel", "affiliatedWith"]


def test_every_property_can_be_fetched(server: Server) -> None:
    """Each property that is offered has a path that is SPARQL, for things of each type."""
    ids = [one["id"] for one in get(server, "/reconcile/properties")["properties"]]
    for at in range(0, len(ids), 15):
        asked = {"ids": [FELIX, "topic/deep-learning"], "properties": [{"id": one} for one in ids[at : at + 15]]}
        status, data = post(server, extend=asked)
        assert status == 200, data
    assert len(ids) > 30


def test_preview_may_be_framed_and_does_nothing(server: Server) -> None:
    """A preview may be framed by any site, loads nothing, runs nothing, and its style is the one that its policy names."""
    with urllib.request.urlopen(f"{server.url}/reconcile/preview?id={FELIX}", timeout=30) as answer:
        policy, body = answer.headers["Content-Security-Policy"], answer.read().decode()
    assert "frame-ancestors *" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "Felix Dietrich" in body
    assert "<script" not in body
    import base64
    import hashlib

    style = body.partition("<style>")[2].partition("</style>")[0]
    assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in policy


def test_origins_and_callbacks(server: Server) -> None:
    """Any origin may ask; a callback that is a name makes a script, any other is refused and not said again."""
    with urllib.request.urlopen(f"{server.url}/reconcile?callback=my.cb", timeout=30) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Content-Type"] == "application/javascript; charset=utf-8"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        body = answer.read().decode()
    assert body.startswith("/**/my.cb({")
    assert body.endswith("});")
    for callback in ("alert(1)//", "<script>", "a;b()"):
        status, data = server.get(
            "/reconcile?" + urllib.parse.urlencode({"callback": callback}), Accept="text/html"
        )
        assert status == 400
        assert callback.encode() not in data
    request = urllib.request.Request(server.url + "/reconcile", method="OPTIONS")
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert (answer.status, answer.headers["Access-Control-Allow-Methods"]) == (204, "GET, HEAD, POST, OPTIONS")


@pytest.mark.parametrize(
    "text",
    ["{not-json", "[]", '"x"', "1", '{"a": 1}', '{"a": {}}', '{"a": {"query": ""}}', '{"a": {"query": 1}}', '{"a": {"query": "x", "limit": 0}}',
     '{"a": {"query": "x", "limit": NaN}}', '{"a": {"query": "x", "type": 1}}', '{"a": {"query": "x", "properties": {}}}',
     '{"a": {"query": "x", "properties": [{"pid": "a", "v": null}]}}', '{"a": {"query": "x", "type_strict": "maybe"}}',
     '{"a": {"query": "\\ud800"}}', "[" * 100_000, '{"a": {"query": "' + "x" * 3000 + '"}}'],
    ids=lambda text: text[:40],
)  # fmt: skip
def test_what_is_no_batch(server: Server, text: str) -> None:
    """What is not a batch is refused with a problem that says where, and the service goes on."""
    data = urllib.parse.urlencode({"queries": text}).encode()
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(server.url + "/reconcile", data=data, timeout=30)
    with caught.value as error:
        assert error.code == 400
        assert json.loads(error.read())["detail"]
    assert server.get("/healthz")[0] == 200


def test_too_much_at_once(server: Server) -> None:
    """A batch of more queries than are taken, and one that is too large a body, are refused with 413."""
    batch = {str(n): {"query": "x"} for n in range(MOST_QUERIES + 1)}
    assert post(server, queries=batch)[0] == 413
    assert post(server, extend={"ids": [str(n) for n in range(1001)], "properties": []})[0] == 413
    large = {str(n): {"query": "x" * 40} for n in range(100_000)}
    try:
        status = post(server, queries=large)[0]
    except (ConnectionResetError, BrokenPipeError, urllib.error.URLError):  # it answered before it had read all
        status = 413
    assert status == 413


def test_a_hundred_queries_cost_little(spp_snapshot: Path) -> None:
    """A batch of a hundred queries takes well under a second of processor time."""
    from fundgraph.reconcile.asking import Asked
    from fundgraph.settings import Settings

    with KnowledgeGraph.open(spp_snapshot, Settings(build_dir=spp_snapshot)) as kg:
        iris = [*kg.index.listing("people").iris, *kg.index.listing("projects").iris][:100]
        labels = [one.label for one in kg.identities.named(kg.identities.numbers(iris).values()).values()]
        batch = {str(n): Asked(label[:-1]) for n, label in enumerate(labels)}
        started = time.process_time()
        answer = Reconciler(kg).answer(batch, 30)
        assert time.process_time() - started < 1
    assert len(batch) == 100
    assert sum(bool(one["result"]) for one in answer.values()) > 95


# --- things by their identifiers


def _location(server: Server, path: str) -> tuple[int, str, bytes]:
    import http.client

    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Location", ""), answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("given", [FELIX_ORCID, FELIX_ORCID.replace("-", "")])
def test_an_identifier_leads_to_its_thing(server: Server, given: str) -> None:
    """An identifier that one thing has leads to it, with 303."""
    assert _location(server, f"/orcid/{given}")[:2] == (303, f"/{FELIX}")


def test_identifiers_of_organisations(server: Server) -> None:
    """A ROR id leads to the organisation."""
    status, place, _ = _location(server, "/ror/02kkvpp62")
    assert (status, place) == (303, "/organisation/technical-university-of-munich")


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [("/orcid/0000-0002-2906-1768", 400, "check-digit"), ("/orcid/x", 400, "identifier"), ("/ror/02kkvpp61", 400, "check-digit"),
     ("/ror/o2kkvpp62", 400, "identifier"), ("/gepris/12a", 400, "identifier"), ("/orcid/0000-0002-1825-0097", 404, "unknown-identifier"),
     ("/gepris/999999999999", 404, "unknown-identifier")],
)  # fmt: skip
def test_identifiers_that_lead_nowhere(server: Server, path: str, status: int, kind: str) -> None:
    """A broken identifier is 400, and says if a digit is mistyped; one that nothing has is 404, with a hint."""
    found, _, body = _location(server, path)
    problem = json.loads(body)
    assert (found, problem["type"].rpartition("/")[2]) == (status, kind)
    assert ("hint" in problem) is (status == 404)


def test_an_identifier_of_several(spp_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An identifier that several things have, or one that is not sure, is a choice, as a page and as JSON."""
    from fundgraph.store.identities import Identities, Known

    base = "https://w3id.org/fundgraph/spp2298/"
    several = (
        Known(f"{base}phase/1", "Phase 1", "gepris-project", "5", "high"),
        Known(f"{base}programme", "SPP", "gepris-project", "5", ""),
    )
    monkeypatch.setattr(Identities, "known_by", lambda *_: several)
    data = spp_client.get("/gepris/5", headers={"Accept": "application/json"})
    assert (data.status_code, [one["path"] for one in data.get_json()["choices"]]) == (
        300,
        ["/phase/1", "/programme"],
    )
    page = spp_client.get("/gepris/5", headers={"Accept": "text/html"})
    assert (page.status_code, "More than one thing" in page.text) == (300, True)
    monkeypatch.setattr(
        Identities, "known_by", lambda *_: (Known(f"{base}phase/1", "Phase 1", "gepris-project", "5", "low"),)
    )
    assert "is not sure" in spp_client.get("/gepris/5", headers={"Accept": "text/html"}).text
