"""Canned queries: a SPARQL file that runs as it stands, a YAML header that says what it asks, and safe binding.

The header is made of the lines that begin with ``#+``. A parameter is a line ``VALUES ?name { term }``; binding
replaces the block by one rendered term, so that no value is ever spliced into a query as text.
"""

from fundgraph.questions.publish import to_markdown, to_turtle
from fundgraph.questions.question import Parameter, Question
from fundgraph.questions.reader import VIEWS, load_question, load_questions, read_questions

__all__ = [
    "VIEWS",
    "Parameter",
    "Question",
    "load_question",
    "load_questions",
    "read_questions",
    "to_markdown",
    "to_turtle",
]
