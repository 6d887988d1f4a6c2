"""What the page of a canned query tells a script that fills its blanks with no server at hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fundgraph.questions import Question
from fundgraph.questions.question import values_lines
from fundgraph.terms import KINDS, XSD

#: The answers that lie beside such a page as files.
STATIC_SUFFIXES = ("csv", "json", "ttl", "rq")


def static_form(question: Question, base: str, prefixes: Mapping[str, str]) -> dict[str, Any]:
    """Return the query in pieces, with a place for each parameter, and what may stand there.

    The places are those that :meth:`Question.bind` fills; what is rendered there is up to ``bind.js``.
    """
    text, names = question.query, {parameter.name for parameter in question.params}
    pieces: list[str | dict[str, str]] = []
    at = 0
    for name, start, end in values_lines(text):
        if name in names:
            pieces += [text[at:start], {"name": name}]
            at = end
    return {
        "id": question.id,
        "form": question.form,
        "pieces": [*pieces, text[at:]],
        "labels": dict(question.labels),
        "xsd": XSD,
        "prefixes": {**prefixes, **question.prefixes, **{kind: f"{base}{kind}/" for kind in KINDS.values()}},
        "params": [
            {
                "name": one.name,
                "type": one.type,
                "below": f"{base}{KINDS[one.type]}/" if one.is_thing else "",
                "default": one.default,
                "optional": one.optional,
                "options": list(one.options) if isinstance(one.options, tuple) else None,
            }
            for one in question.params
        ],
    }
