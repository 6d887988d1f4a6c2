"""Agents ask by the Model Context Protocol, of the program itself on its standard streams."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

SOURCES = Path(__file__).resolve().parent.parent / "src"
FG = "PREFIX fg: <https://w3id.org/fundgraph/ontology#>"
pytestmark = pytest.mark.xdist_group("agents")


@pytest.fixture
def ask(spp_snapshot: Path) -> Callable[[Callable[[Client], Awaitable[Any]]], Any]:
    """Return what runs a conversation with a server of SPP 2298 in a process of its own."""

    def run(talk: Callable[[Client], Awaitable[Any]]) -> Any:
        async def whole() -> Any:
            server = StdioServerParameters(
                command=sys.executable,
                args=["-m", "fundgraph", "mcp", "--build-dir", str(spp_snapshot), "--timeout", "5"],
                env={**os.environ, "PYTHONPATH": str(SOURCES)},
            )
            async with Client(server) as client:
                return await talk(client)

        return asyncio.run(asyncio.wait_for(whole(), 120))

    return run


async def _call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    found: dict[str, Any] = result.structured_content
    return found


async def _fails(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return "".join(part.text for part in result.content)


@pytest.mark.slow
def test_a_conversation(ask: Callable[..., Any]) -> None:
    """Every tool only reads, answers with release and completeness, and says what was asked wrongly."""

    async def talk(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"list_queries", "run_query", "describe", "search", "sparql", "explain"}
        assert all(tool.annotations.read_only_hint and tool.description for tool in tools.values())

        listed = await _call(client, "list_queries")
        assert len(listed["queries"]) >= 40
        one = next(one for one in listed["queries"] if one["id"] == "person-projects")
        assert one["params"][0]["name"] == "person"
        assert 0 < len((await _call(client, "list_queries", tag="people"))["queries"]) < len(listed["queries"])

        found = await _call(client, "search", text="kutyniok", kind="people")
        person = found["found"][0]["iri"]
        assert found["completeness"] == "complete"

        answer = await _call(client, "run_query", id="person-projects", params={"person": person})
        assert answer["rows"]
        assert answer["release"] == listed["release"]
        assert person in answer["sparql"]

        described = await _call(client, "describe", thing=person)
        assert any("Kutyniok" in str(row["value"]) for row in described["says"]["rows"])
        assert described["is_said"]["rows"]

        count = await _call(client, "sparql", query=f"{FG} SELECT (COUNT(?p) AS ?n) {{ ?p a fg:Project }}")
        assert count["rows"] == [{"n": 24}]
        cut = await _call(client, "sparql", query="SELECT ?s { ?s ?p ?o }", limit=3)
        assert (len(cut["rows"]), cut["completeness"]) == (3, "truncated; rows=3")
        made = await _call(
            client, "sparql", query=f"{FG} CONSTRUCT {{ ?s a fg:Project }} WHERE {{ ?s a fg:Project }}", limit=5
        )
        assert (len(made["triples"]), made["completeness"]) == (5, "truncated; rows=5")

        subject = next(row for row in described["says"]["rows"] if str(row["property"]).endswith("#name"))
        why = await _call(client, "explain", subject=person, predicate="fg:name", object=f'"{subject["value"]}"')
        assert why["holds"]
        assert "line" in why["explanation"]
        assert not (await _call(client, "explain", subject=person, predicate="fg:name", object='"Nobody"'))[
            "holds"
        ]

        assert "no canned query" in await _fails(client, "run_query", id="nothing")
        assert "1:16: { is never closed" in await _fails(client, "sparql", query="SELECT * WHERE {")
        assert "SERVICE" in await _fails(
            client, "sparql", query="SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"
        )
        assert await _fails(client, "sparql", query="DELETE WHERE { ?s ?p ?o }")
        assert "says nothing" in await _fails(client, "describe", thing="person:nobody-at-all")
        assert await _fails(client, "sparql", query="ASK {}", limit=10**6)
        hostile = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
        assert "5" in await _fails(client, "sparql", query=hostile)

    ask(talk)
