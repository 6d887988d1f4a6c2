"""The description of the routes is valid OpenAPI 3.1, complete, and true: schemathesis tries what it says."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from openapi_spec_validator import OpenAPIV31SpecValidator

from fundgraph.kg import KnowledgeGraph
from fundgraph.settings import Settings
from fundgraph.web import openapi
from fundgraph.web.app import create_app

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def app(spp_snapshot: Path) -> Iterator[Flask]:
    """The application over the shipped data, with real workers."""
    wanted = Settings(build_dir=spp_snapshot, timeout=3.0, workers=1)
    with KnowledgeGraph.open(spp_snapshot, wanted, served=True) as kg:
        kg.is_ready(30)
        yield create_app(kg, wanted)


@pytest.fixture(scope="module")
def described(app: Flask) -> dict[str, Any]:
    """The description."""
    data: dict[str, Any] = app.test_client().get("/openapi.json").json
    return data


def test_it_is_valid(described: dict[str, Any]) -> None:
    """The description is OpenAPI 3.1 by the specification's own schema."""
    assert described["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(described).validate()


def test_what_is_known_belongs_to_a_route(app: Flask) -> None:
    """Whatever is written down of a route is of one that there is: none is lost when a route moves."""
    routes = {(rule.endpoint, method) for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    with app.test_request_context():
        assert set(openapi._known()) <= routes


def test_search_is_described(described: dict[str, Any]) -> None:
    """The search's parameters are those that it reads."""
    names = {one["name"] for one in described["paths"]["/search"]["get"]["parameters"]}
    assert names == {"q", "kind", "limit", "offset", "format"}


def test_lists_are_described(described: dict[str, Any]) -> None:
    """A list has its facets, its words and its pages as parameters."""
    names = {one["name"] for one in described["paths"]["/projects"]["get"]["parameters"]}
    assert names == {"abstract", "kind", "organisation", "phase", "role", "topic", "q", "limit", "offset"}


def test_every_route_is_there(app: Flask, described: dict[str, Any]) -> None:
    """Every route that can be read is described in words, and every canned query with its parameters."""
    for path in (
        "/sparql",
        "/graph-store",
        "/update",
        "/jobs/{name}",
        "/queries/{name}",
        "/search",
        "/metrics",
        "/",
    ):
        assert path in described["paths"], path
    for operations in described["paths"].values():
        for operation in operations.values():
            assert operation["summary"]
            assert "default" in operation["responses"]
    questions = app.extensions["fundgraph"].kg.questions
    assert len(questions) > 40
    for question in questions.values():
        operation = described["paths"][f"/queries/{question.id}.{{format}}"]["get"]
        names = {parameter["name"] for parameter in operation["parameters"]}
        assert {parameter.name for parameter in question.params} <= names
    ids = [one["operationId"] for operations in described["paths"].values() for one in operations.values()]
    assert len(ids) == len(set(ids))


def test_examples_are_answered(app: Flask, described: dict[str, Any]) -> None:
    """Each canned query answers 200 with the examples of its parameters, in each format; 403 if it would ask others."""
    client = app.test_client()
    for path, operations in described["paths"].items():
        if not path.startswith("/queries/") or "{format}" not in path:
            continue
        parameters = operations["get"]["parameters"]
        given = {one["name"]: one["example"] for one in parameters if "example" in one}
        for form in parameters[0]["schema"]["enum"]:
            response = client.get(path.replace("{format}", form), query_string=given)
            asks_others = form != "rq" and "federated" in operations["get"]["tags"]  # and nobody else is allowed
            assert response.status_code == (403 if asks_others else 200), (path, form, response.text)


def test_schemathesis(app: Flask) -> None:
    """Whatever is made from the description, right or wrong: no error of ours, and the answers are as described."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import schemathesis
        from schemathesis.specs.openapi.checks import (
            content_type_conformance,
            response_schema_conformance,
            status_code_conformance,
        )
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app)
    checks = (content_type_conformance, response_schema_conformance, status_code_conformance)
    tried = 0
    # Of the canned queries, which are all answered by one function, a few.
    canned = ("/queries/person-projects.{format}", "/queries/topic-projects.{format}")
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.startswith("/queries/") and "." in operation.path and operation.path not in canned:
            continue

        strategy = operation.as_strategy()

        def attempt(case: Any) -> None:
            nonlocal tried
            tried += 1
            response = case.call_and_validate(checks=checks, headers={"Accept-Encoding": "identity"})
            # A limit that the client itself set too low is a 503 that says so; anything else of ours is a fault.
            assert response.status_code < 500 or response.json()["type"].endswith(("/resources", "/deadline"))

        from hypothesis import given

        test = settings(
            max_examples=6, deadline=None, database=None, phases=[Phase.generate], derandomize=True,
            suppress_health_check=list(HealthCheck),
        )(given(strategy)(attempt))  # fmt: skip
        test()
    assert tried > 100
