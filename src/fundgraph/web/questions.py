"""Canned queries on the web: the catalogue, a form with its answer, and the answer in every format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, jsonify, render_template, request

from fundgraph.questions import Parameter, Question
from fundgraph.terms import FG
from fundgraph.web.question_tables import show
from fundgraph.web.site import the_site

if TYPE_CHECKING:
    from fundgraph.kg import KnowledgeGraph

blueprint = Blueprint("questions", __name__, template_folder="templates")

#: The formats of a SELECT that a page offers, by suffix.
DOWNLOADS = (("csv", "CSV"), ("tsv", "TSV"), ("json", "JSON"), ("xml", "XML"), ("rq", "SPARQL"))
_INPUTS = {"xsd:integer": "number", "xsd:date": "date"}


@dataclass(frozen=True, slots=True)
class Field:
    """A blank of the form: what stands in it, and what may."""

    parameter: Parameter
    value: str
    choices: tuple[tuple[str, str], ...] | None

    @property
    def input(self) -> str:
        """The type of the input element."""
        return _INPUTS.get(self.parameter.type, "text")
