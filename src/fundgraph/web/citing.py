"""How to take a canned question along: as code in four languages, and as a citation."""

from __future__ import annotations

import hashlib
import json
import re

from fundgraph.questions import Question


def query_hash(text: str) -> str:
    """Return what tells one bound query from another: the first sixteen digits of its SHA-256."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def programs(root: str, address: str, tail: str) -> list[tuple[str, str]]:
    """Return the code that asks a question: name of the language and text. ``tail`` is percent-encoded."""
    csv, rq, results = (json.dumps(f"{root}{address}.{suffix}{tail}") for suffix in ("csv", "rq", "json"))
    shell = f"{root}{address}.csv{tail}".replace("'", "%27")
    return [
        ("curl", f"curl '{shell}'"),
        (
            "Python",
            "from urllib.request import urlopen\n\nfrom SPARQLWrapper import JSON, SPARQLWrapper\n\n"
            f"with urlopen({rq}) as answer:\n    query = answer.read().decode()\n"
            f'endpoint = SPARQLWrapper("{root}/sparql", returnFormat=JSON)\nendpoint.setQuery(query)\n'
            'for row in endpoint.query().convert()["results"]["bindings"]:\n'
            '    print({name: value["value"] for name, value in row.items()})',
        ),
        ("R", f'result <- read.csv({csv}, encoding = "UTF-8")\nhead(result)'),
        (
            "JavaScript",
            f"const answer = await fetch({results});\nconst {{ results }} = await answer.json();\n"
            "for (const row of results.bindings) {\n"
            "  console.log(Object.fromEntries(Object.entries(row).map(([name, term]) => [name, term.value])));\n}",
        ),
    ]


def bibtex(question: Question, publisher: str, release: str, address: str) -> str:
    """Return an entry for an answer of one release."""
    year = release[:4] if re.match(r"[0-9]{4}-", release) else ""
    fields = {
        "title": f"{{{_plain(question.summary)}}}", "howpublished": _plain(publisher), "year": year,
        "note": f"Release {_plain(release)}", "url": address,
    }  # fmt: skip
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{question.id}-{_plain(release)},", *lines, "}"])


def _plain(text: str) -> str:
    """Return a text with what TeX would read as a command written out."""
    return re.sub(r"([&%$#_{}])", r"\\\1", text.replace("\\", "/"))
