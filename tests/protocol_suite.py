"""The W3C's protocol cases as HTTP exchanges: sent over a real socket as they stand, and their answers judged."""

from __future__ import annotations

import http.client
import json
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree

from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.compare import isomorphic

ROOT = Path(__file__).resolve().parent.parent
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
SEQUENCE = "http-rdf-update (deprecated)"
RDF_PARSERS = {
    "text/turtle": "turtle", "application/rdf+xml": "xml", "application/n-triples": "nt",
    "application/ld+json": "json-ld",
}  # fmt: skip
#: What the sequence of deprecated cases takes for granted, and never makes.
BEFORE_THE_SEQUENCE = {"/person/2.ttl": "<http://www.example/gsp/person/2> a <http://xmlns.com/foaf/0.1/Person> ."}
#: A case that contradicts the one before it and the one after it: "Jane Doe" was put, and a name was added.
#: Judged by what those two say.
CONTRADICTORY = {
    "get_of_post__existing_graph": """@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix v: <http://www.w3.org/2006/vcard/ns#> .
        <http://$HOST$/$GRAPHSTORE$/person/1> a foaf:Person ; foaf:name "Jane Doe" ;
          foaf:businessCard [ a v:VCard ; v:fn "Jane Doe" ] ."""
}
_XSD_RESULTS = "{http://www.w3.org/2005/sparql-results#}"


def suites() -> Path | None:
    """Return the folder of the suites, None if it is not here."""
    given = os.environ.get("FUNDGRAPH_SUITES")
    roots = [Path(given)] if given else [ROOT.parent / "shared/suites", ROOT.parent.parent / "shared/suites"]
    return next((root for root in roots if (root / "protocol_cases.json").is_file()), None)


@cache
def cases() -> tuple[dict[str, Any], ...]:
    """Return the cases in their order; none if the suite is not here."""
    found = suites()
    if found is None:
        return ()
    return tuple(json.loads((found / "protocol_cases.json").read_text(encoding="utf-8"))["cases"])


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The media type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass
class Endpoint:
    """A server under test, and what a case remembers of it."""

    url: str
    names: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """Host and port."""
        return urlsplit(self.url).netloc

    def send(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes | None = None) -> Reply:
        """Send exactly these headers, with Host and Content-Length."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            data = answer.read()
            return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, data)
        finally:
            connection.close()

    def update(self, text: str) -> None:
        """Carry out an update that must succeed."""
        reply = self.send("POST", "/update", [("Content-Type", "application/sparql-update")], text.encode())
        assert reply.status in (200, 204), reply

    def put(self, path: str, data: str, media_type: str) -> None:
        """Put a graph, which must succeed."""
        reply = self.send("PUT", path, [("Content-Type", media_type)], data.encode())
        assert reply.status in (200, 201, 204), reply

    def path(self, request: dict[str, Any]) -> str:
        """Return where a request goes here."""
        roots = {"query_endpoint": "/sparql/", "update_endpoint": "/update", "gsp_endpoint": "/graph-store"}
        suffix = self.fill(request["suffix_after_endpoint"] or "")
        if suffix.startswith(self.url):
            return suffix.removeprefix(self.url)
        if request["path"].startswith("$GRAPHSTORE$?graph="):
            # "http://$HOST$/$GRAPHSTORE$/…" is the address of the graph itself.
            return (
                f"/graph-store?graph=http://{self.host}/graph-store"
                + request["path"].rpartition("$GRAPHSTORE$")[2]
            )
        return roots[request["target"]] + suffix

    def fill(self, text: str) -> str:
        """Put the names of this server and of what it made into a text."""
        for name, value in {**self.names, "$HOST$": self.host, "$GRAPHSTORE$": "graph-store"}.items():
            text = text.replace(name, value)
        return text


def prepare(endpoint: Endpoint, case: dict[str, Any]) -> None:
    """Empty the store, and load what the case says."""
    endpoint.update("DROP ALL")
    for graph in case.get("preload_named_graphs", ()):
        path = "/graph-store?graph=" + quote(graph["graph_name"], safe="")
        endpoint.put(path, graph["ntriples"], "application/n-triples")


def prepare_sequence(endpoint: Endpoint) -> None:
    """Empty the store, and make what the sequence of cases takes for granted."""
    endpoint.update("DROP ALL")
    for path, text in BEFORE_THE_SEQUENCE.items():
        endpoint.put("/graph-store" + path, text, "text/turtle")


def faults(endpoint: Endpoint, case: dict[str, Any]) -> Iterator[str]:
    """Run a case and yield what is wrong with the answers."""
    for number, request in enumerate(case["requests"], 1):
        body = None
        if request["body"] is not None:
            body = endpoint.fill(request["body"]["chars"]).encode(request["body"]["encoding"])
        headers = [(name, value) for name, value in request["headers"]]
        reply = endpoint.send(request["method"], endpoint.path(request), headers, body)
        expected = request["expect"]
        if case["id"] in CONTRADICTORY:
            expected = {**expected, "body_graph_isomorphic_to": {"chars": CONTRADICTORY[case["id"]]}}
        for fault in _judge(endpoint, expected, reply):
            yield f"request {number}: {fault}"


def _judge(endpoint: Endpoint, expected: dict[str, Any], reply: Reply) -> Iterator[str]:
    wanted = expected["status_any_of"]
    if str(reply.status) not in wanted and f"{reply.status // 100}xx" not in wanted:
        yield f"status {reply.status}, not {wanted}: {reply.body[:300]!r}"
    for name, value in expected.get("headers", ()):
        if value.startswith("$"):
            endpoint.names[value] = reply.headers.get(name, "")
            if not endpoint.names[value].startswith("http://"):
                yield f"no absolute {name}: {endpoint.names[value]!r}"
        elif reply.headers.get(name, "").lower() != value.lower():
            yield f"{name} is {reply.headers.get(name)!r}, not {value!r}"
    if variable := expected.get("location_variable"):
        endpoint.names[variable] = reply.headers.get("location", "")
        if not endpoint.names[variable].startswith("http://"):
            yield f"no Location: {reply.headers}"
    if form := expected.get("format"):
        if reply.media_type not in form["content_types"]:
            yield f"{reply.media_type!r} is none of {form['content_types']}"
        if form["kind"] == "rdf" and not isinstance(_graph(reply), Graph):
            yield f"no RDF: {reply.body[:300]!r}"
    if "boolean" in expected and _boolean(reply) is not expected["boolean"]:
        yield f"the answer is {reply.body[:300]!r}, not {expected['boolean']}"
    if graph := expected.get("body_graph_isomorphic_to"):
        other = Graph().parse(data=endpoint.fill(graph["chars"]), format="turtle")
        found = _graph(reply)
        if found is None or not isomorphic(found, other):
            yield f"another graph: {reply.body.decode()}"
    if check := expected.get("check"):
        yield from _described(endpoint, check, reply)


def _boolean(reply: Reply) -> bool | None:
    if reply.media_type.endswith("json"):
        value = json.loads(reply.body)["boolean"]
        return value if isinstance(value, bool) else None
    found = ElementTree.fromstring(reply.body).find(f"{_XSD_RESULTS}boolean")
    return None if found is None else found.text == "true"


def _graph(reply: Reply) -> Graph | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's own, in its JSON-LD reader
        try:
            return Graph().parse(data=reply.body, format=RDF_PARSERS[reply.media_type])
        except (KeyError, ValueError, SyntaxError):
            return None


def _described(endpoint: Endpoint, check: str, reply: Reply) -> Iterator[str]:
    """Judge a service description by the words of its case."""
    graph = _graph(reply)
    if graph is None:
        yield "no RDF"
        return
    services = list(graph.subject_objects(SD.endpoint))
    address = URIRef(f"{endpoint.url}/sparql/")
    if "sd:endpoint" in check and [str(found) for _, found in services] != [str(address)]:
        yield f"sd:endpoint is {services}, not {address}"
    for service, _ in services:
        if (service, RDF.type, SD.Service) not in graph:
            yield f"{service} is no sd:Service"
        for single in (SD.endpoint, SD.defaultDataset):
            if len(list(graph.objects(service, single))) > 1:
                yield f"more than one {single}"
    used = {
        str(term).removeprefix(str(SD)) for triple in graph for term in triple if str(term).startswith(str(SD))
    }
    if unknown := used - SD_TERMS:
        yield f"not in the sd: vocabulary: {sorted(unknown)}"
    for subject, predicate, value in graph:
        name = str(predicate).removeprefix(str(SD))
        for node, class_ in ((subject, DOMAINS.get(name)), (value, RANGES.get(name))):
            if class_ and not {SD[one] for one in class_} & set(graph.objects(node, RDF.type)):
                yield f"sd:{name}: {node} is no sd:{class_[0]}"


#: The vocabulary of SPARQL 1.1 Service Description, section 3.
SD_TERMS = {
    "", "Service", "Feature", "Language", "Function", "Aggregate", "EntailmentRegime", "EntailmentProfile",
    "GraphCollection", "Dataset", "Graph", "NamedGraph", "SPARQL10Query", "SPARQL11Query", "SPARQL11Update",
    "DereferencesURIs", "UnionDefaultGraph", "RequiresDataset", "EmptyGraphs", "BasicFederatedQuery", "endpoint",
    "feature", "defaultEntailmentRegime", "entailmentRegime", "defaultSupportedEntailmentProfile",
    "supportedEntailmentProfile", "extensionFunction", "extensionAggregate", "languageExtension", "propertyFeature",
    "supportedLanguage", "defaultDataset", "availableGraphs", "resultFormat", "inputFormat", "defaultGraph",
    "namedGraph", "name", "graph",
}  # fmt: skip
_GRAPHS = ("GraphCollection", "Dataset")
DOMAINS = {
    "endpoint": ("Service",), "feature": ("Service",), "supportedLanguage": ("Service",), "resultFormat": ("Service",),
    "inputFormat": ("Service",), "defaultDataset": ("Service",), "availableGraphs": ("Service",),
    "defaultEntailmentRegime": ("Service",), "entailmentRegime": ("NamedGraph",),
    "supportedEntailmentProfile": ("NamedGraph",), "defaultGraph": ("Dataset",), "namedGraph": _GRAPHS,
    "name": ("NamedGraph",), "graph": ("NamedGraph",),
}  # fmt: skip
RANGES = {"defaultDataset": ("Dataset",), "availableGraphs": _GRAPHS, "defaultGraph": ("Graph",),
          "namedGraph": ("NamedGraph",), "graph": ("Graph",)}  # fmt: skip


def query_path(query: str) -> str:
    """Return the address of a query with GET."""
    return "/sparql?" + urlencode({"query": query})
