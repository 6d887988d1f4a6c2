"""What agents may ask of a graph, by the Model Context Protocol: reading only, under the limits of the endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from fundgraph import __version__
from fundgraph import terms as writing
from fundgraph.errors import FundgraphError
from fundgraph.explanation import Explainer
from fundgraph.kg import KnowledgeGraph
from fundgraph.questions.question import Question
from fundgraph.results import Table, Term, Triples

__all__ = ["agents_server"]

#: Rows or statements in one answer, at most, and if nothing is said.
MOST, USUAL = 1000, 100
_INSTRUCTIONS = """A knowledge graph of a research programme: its projects, people, roles, topics, funding phases and \
institutions. Prefer a canned query (list_queries, run_query) to SPARQL of your own. Every answer says its release and \
whether it is complete; one that is cut says "truncated", and is not to be taken for the whole. Ask explain for the line \
of the document, or the rule and premises, behind a statement before you rely on it."""
_READING = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
Limit = Annotated[int, Field(ge=1, le=MOST, description="rows at most")]


def agents_server(kg: KnowledgeGraph) -> MCPServer[Any]:
    """Return a server of tools over a graph; what is asked wrongly is answered with what would be right."""
    tools = _Tools(kg)
    server: MCPServer[Any] = MCPServer(
        "fundgraph",
        title=f"fundgraph: {kg.base}",
        instructions=_INSTRUCTIONS,
        version=__version__,
        log_level="WARNING",
    )
    for tool in (tools.list_queries, tools.run_query, tools.describe, tools.search, tools.sparql, tools.explain):
        server.tool(annotations=_READING, structured_output=True)(tool)
    return server


class _Tools:
    def __init__(self, kg: KnowledgeGraph) -> None:
        self._kg = kg
        self._explainers: dict[str, Explainer] = {}

    def list_queries(self, tag: str = "") -> dict[str, Any]:
        """List the canned queries, each with its id, what it answers, its tags and its parameters; only those of a tag if given."""
        chosen = [one for one in self._kg.questions.values() if not tag or tag in one.tags]
        tags = sorted({tag for one in self._kg.questions.values() for tag in one.tags})
        return {"queries": [_about(one) for one in chosen], "tags": tags, **self._whence("complete")}

    def run_query(self, id: str, params: dict[str, str] | None = None, limit: Limit = USUAL) -> dict[str, Any]:
        """Answer a canned query by its id, with parameters as list_queries names them (an IRI or the last part of one for a thing)."""
        with _told():
            question, given = self._kg.question(id), params or {}
            text = question.bind(given, self._kg.base)
            strangers = [f"There is no {one.type} {term}" for one, term in self._kg.strangers(question, given)]
            unknown = {"unknown": strangers} if strangers else {}
            return {**self._answer(text, limit), **unknown, "how_to_read": question.reading, "sparql": text}

    def describe(self, thing: str, limit: Limit = USUAL) -> dict[str, Any]:
        """Say all that the graph says of a thing, given by its IRI or a prefixed name such as person:jane-doe; and what points to it."""
        with _told():
            iri = self._term(thing)
            said = self._answer(
                f"SELECT ?property ?value WHERE {{ {iri} ?property ?value }} ORDER BY ?property ?value", limit
            )
            pointing = self._answer(
                f"SELECT ?thing ?property WHERE {{ ?thing ?property {iri} }} ORDER BY ?property ?thing", limit
            )
            if not said["rows"] and not pointing["rows"]:
                raise ToolError(f"The graph says nothing of {iri}. Find things by search.")
            return {"iri": iri[1:-1], "says": said, "is_said": pointing}

    def search(self, text: str, kind: str = "", limit: Limit = 20) -> dict[str, Any]:
        """Find things by words of their names or texts. Kind: projects, people, topics, organisations, publications, phases or documents."""
        with _told():
            found = self._kg.index.search(text, kind, limit, 0)
            shown = [
                {"iri": one.iri, "label": one.label, "kind": one.kind, "match": one.text} for one in found.found
            ]
            whole = len(shown) >= found.total
            return {
                "found": shown, "total": found.total, "only_parts_of_words_match": found.loosely,
                **self._whence("complete" if whole else f"truncated; rows={len(shown)}"),
            }  # fmt: skip

    def sparql(self, query: str, limit: Limit = USUAL) -> dict[str, Any]:
        """Answer a SPARQL query (SELECT, ASK, CONSTRUCT, DESCRIBE), which declares its prefixes: fg: is <https://w3id.org/fundgraph/ontology#>; there is no update."""
        with _told():
            return self._answer(query, limit)

    def explain(self, subject: str, predicate: str, object: str) -> dict[str, Any]:
        """Say why a statement is in the graph: the lines it was read from, or the rule and premises that it follows from; or what is missing for it.

        Terms are IRIs in <>, prefixed names (fg:title, person:jane-doe) or quoted literals.
        """
        with _told():
            statement = self._term(subject), self._term(predicate), self._term(object)
            snapshot = self._kg.snapshot
            if snapshot.release not in self._explainers:
                self._explainers = {snapshot.release: Explainer.of(snapshot)}
            found = self._explainers[snapshot.release].explain(statement)
            return {"holds": found.proof is not None, "explanation": found.to_text(), **self._whence("complete")}

    def _term(self, text: str) -> str:
        try:
            written = f"<{text}>" if text.startswith(("https://", "http://")) else text
            return writing.term(written, self._kg.prefixes)
        except ValueError as error:
            raise ToolError(f"{error}. Write an IRI in <>, a prefixed name, or a literal in quotes.") from error

    def _answer(self, text: str, limit: int) -> dict[str, Any]:
        answer = self._kg.query(text, max_rows=limit)
        if isinstance(answer, Triples):
            triples = [
                dict(zip(("subject", "predicate", "object"), map(_plain, triple), strict=True))
                for triple in answer
            ]
            completeness = answer.completeness
            if len(triples) > limit:
                triples, completeness = triples[:limit], f"truncated; rows={limit}"
            return {"triples": triples, **self._whence(completeness, answer.release)}
        return {
            "columns": list(answer.columns),
            "rows": _rows(answer),
            **self._whence(answer.completeness, answer.release),
        }

    def _whence(self, completeness: str, release: str | None = None) -> dict[str, str]:
        return {"completeness": completeness, "release": release or self._kg.release}


def _about(question: Question) -> dict[str, Any]:
    params = [
        {"name": one.name, "what": one.label, "expected": one.expected, "required": one.required,
         "default": one.default, "example": one.example}
        for one in question.params
    ]  # fmt: skip
    return {"id": question.id, "answers": question.summary, "tags": list(question.tags), "params": params}


def _rows(table: Table) -> list[dict[str, Any]]:
    return [
        {name: _plain(term) for name, term in zip(table.columns, row, strict=True) if term is not None}
        for row in table.rows
    ]


def _plain(term: Term) -> Any:
    """Return a term as JSON has it; what JSON has no value for as its text."""
    value = term.python()
    return value if isinstance(value, str | int | float) else term.value


@contextmanager
def _told() -> Iterator[None]:
    """Tell the agent what it asked wrongly, or what stopped the answer."""
    try:
        yield
    except FundgraphError as error:
        raise ToolError(str(error)) from error
