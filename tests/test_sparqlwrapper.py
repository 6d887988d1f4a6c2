"""The client that most people use gets every kind of answer from the real server."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import SPARQLWrapper as wrapper  # noqa: N813
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from tests.snapshots import BASE, small
from tests.test_server import start

LABEL = f"SELECT ?o {{ ?s <{BASE}label> ?o }}"
THING = f"CONSTRUCT WHERE {{ <{BASE}thing/7> ?p ?o }}"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running endpoint."""
    build = tmp_path_factory.mktemp("wrapper")
    small(build)
    server = start(build, "--workers", "1")
    yield f"{server.url}/sparql"
    server.process.terminate()
    server.process.wait(20)


def ask(endpoint: str, query: str, form: str, method: str = wrapper.GET) -> Any:
    """Ask with SPARQLWrapper and return what it makes of the answer."""
    client = wrapper.SPARQLWrapper(endpoint)
    client.setQuery(query)
    client.setReturnFormat(form)
    client.setMethod(method)
    if method == wrapper.POST:
        client.setRequestMethod(wrapper.POSTDIRECTLY)
    result = client.query()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # rdflib's own, in its reader of JSON-LD and RDF/XML
            return result.convert()
    finally:
        result.response.close()


@pytest.mark.parametrize("method", [wrapper.GET, wrapper.POST])
def test_select(endpoint: str, method: str) -> None:
    """SELECT in JSON, XML, CSV and TSV."""
    found = ask(endpoint, LABEL, wrapper.JSON, method)["results"]["bindings"]
    assert found == [{"o": {"type": "literal", "value": "Größe", "xml:lang": "de"}}]
    assert "Größe" in ask(endpoint, LABEL, wrapper.XML, method).toxml()
    assert ask(endpoint, LABEL, wrapper.CSV, method).decode() == "o\r\nGröße\r\n"
    assert ask(endpoint, LABEL, wrapper.TSV, method).decode() == '?o\n"Größe"@de\n'


def test_ask(endpoint: str) -> None:
    """ASK in JSON and XML."""
    assert ask(endpoint, f"ASK {{ <{BASE}thing/7> ?p 7 }}", wrapper.JSON)["boolean"] is True
    assert "<boolean>false" in ask(endpoint, "ASK { <x:a> ?p 7 }", wrapper.XML).toxml()


@pytest.mark.parametrize("form", [wrapper.TURTLE, wrapper.RDFXML, wrapper.XML, wrapper.JSONLD, wrapper.N3])
@pytest.mark.parametrize("query", [THING, f"DESCRIBE <{BASE}thing/7>"])
def test_graphs(endpoint: str, query: str, form: str) -> None:
    """CONSTRUCT and DESCRIBE in Turtle, RDF/XML and JSON-LD, read into rdflib where the client does so."""
    answer = ask(endpoint, query, form)
    if isinstance(answer, bytes):
        assert b"number" in answer
    else:
        assert len(answer) == 1


def test_error(endpoint: str) -> None:
    """A malformed query is the client's own error, with our words in it."""
    with pytest.raises(QueryBadFormed, match="never closed"):
        ask(endpoint, "SELECT * {", wrapper.JSON)
