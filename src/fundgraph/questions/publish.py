"""The catalogue of canned queries for others: as a table for the documentation, and as RDF."""

from __future__ import annotations

from collections.abc import Mapping

from fundgraph.questions.question import Parameter, Question
from fundgraph.terms import FG, KINDS, XSD, check_iri, string

_PREFIXES = {
    "sh": "http://www.w3.org/ns/shacl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "dcterms": "http://purl.org/dc/terms/",
    "schema": "https://schema.org/",
    "xsd": XSD,
    "fg": FG,
}


def to_markdown(questions: Mapping[str, Question]) -> str:
    """Return a table of the questions: id, sentence with its blanks, parameters with type and default."""
    lines = ["| id | asks | parameters |", "|---|---|---|"]
    for question in questions.values():
        sentence = "".join(
            part if isinstance(part, str) else f"*{part.label}*" for part in question.sentence_parts
        )
        parameters = "; ".join(_parameter(parameter) for parameter in question.params)
        lines.append(f"| [`{question.id}`](../queries/{question.id}.rq) | {sentence} | {parameters} |")
    return "\n".join(lines) + "\n"


def _parameter(parameter: Parameter) -> str:
    if parameter.optional:
        fallback = "may be left out"
    else:
        fallback = "required" if parameter.default is None else f"`{parameter.default}`"
    return f"`{parameter.name}` ({parameter.type}): {fallback}"


def to_turtle(questions: Mapping[str, Question], base: str, address: str | None = None) -> str:
    """Return the questions as RDF: ``sh:SPARQLExecutable`` with ``sh:parameter``, named below ``base``.

    ``address`` is the endpoint at which they can be asked.
    """
    lines = [f"@prefix {name}: <{iri}> ." for name, iri in _PREFIXES.items()] + [""]
    for question in questions.values():
        lines += _question(question, base, address)
    return "\n".join(lines)


def _question(question: Question, base: str, address: str | None) -> list[str]:
    node = check_iri(f"{base}query/{question.id}")
    form, words = question.form, question.words.items()
    facts = [
        f"a sh:SPARQLExecutable, sh:SPARQL{form.capitalize()}Executable",
        f"rdfs:label {string(question.summary)}@en",
        f"rdfs:comment {string(question.description)}@en",
        *(f"rdfs:label {string(said['summary'])}@{name}" for name, said in words if "summary" in said),
        *(f"rdfs:comment {string(said['description'])}@{name}" for name, said in words if "description" in said),
        f"dcterms:identifier {string(question.id)}",
        *(f"schema:keywords {string(tag)}@en" for tag in question.tags),
        f"sh:{form.lower()} {string(question.query)}",
    ]
    if address is not None:
        facts.append(f"schema:target <{check_iri(address)}>")
    facts += [f"sh:parameter <{node}#{parameter.name}>" for parameter in question.params]
    lines = [f"<{node}>", *(f"    {fact} ;" for fact in facts[:-1]), f"    {facts[-1]} .", ""]
    for order, parameter in enumerate(question.params):
        said = [
            "a sh:Parameter",
            f"sh:path <{node}#{parameter.name}>",
            f"rdfs:label {string(parameter.name)}",
            f"sh:name {string(parameter.label)}@en",
            *(f"sh:name {string(label)}@{language}" for language, label in parameter.labels.items()),
            f"sh:order {order}",
            f"sh:{'class' if parameter.type in KINDS else 'datatype'} {parameter.type}",
            f"sh:optional {'false' if parameter.required else 'true'}",
        ]
        lines += [f"<{node}#{parameter.name}>", *(f"    {fact} ;" for fact in said[:-1]), f"    {said[-1]} .", ""]
    return lines
