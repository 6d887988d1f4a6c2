"""The made parts of ``docs/ontology.md``, renewed from a checkout for one programme's folder::

    python -m fundgraph.ontology_documentation docs/ontology.md data/spp2298

A part stands between ``<!-- made: NAME -->`` and ``<!-- end -->``: the terms, what each axiom and rule adds on that
programme, and the constraints with their failing examples.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from rdflib import OWL, RDF, RDFS, SH, SKOS, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from fundgraph import assets
from fundgraph.graph.files import read_rdf
from fundgraph.pipeline import asserted
from fundgraph.reason.measure import Axiom, Measure, measure
from fundgraph.validate import read_shapes
from fundgraph.vocab import CLASSES, FG, prefixes

_PART = re.compile(r"(<!-- made: ([a-z-]+) -->\n).*?(<!-- end -->)", re.S)
_SHAPES = "https://w3id.org/fundgraph/shapes#"
_SIGNS: Mapping[Node, str] = {
    RDFS.subClassOf: "⊑", RDFS.subPropertyOf: "⊑", OWL.equivalentClass: "≡", OWL.equivalentProperty: "≡",
    OWL.inverseOf: "inverse of", OWL.disjointWith: "disjoint with", OWL.propertyDisjointWith: "disjoint with",
}  # fmt: skip
_NAMES = {
    "dc": "http://purl.org/dc/elements/1.1/", "org": "http://www.w3.org/ns/org#", "time": "http://www.w3.org/2006/time#",
    "frapo": "http://purl.org/cerif/frapo/", "pro": "http://purl.org/spar/pro/",
    "datacite": "http://purl.org/spar/datacite/",
}  # fmt: skip
_KINDS = (
    ("Classes", OWL.Class),
    ("Properties that link things", OWL.ObjectProperty),
    ("Properties with values", OWL.DatatypeProperty),
)


def short(node: Node) -> str:
    """Return a node as a prefixed name where a prefix fits, a literal as Turtle writes it.

    >>> short(FG.Project), short(Literal("regular"))
    ('fg:Project', '"regular"')
    """
    if isinstance(node, Literal):
        return node.n3() if node.datatype != XSD.string else f'"{node}"'
    for prefix, namespace in {**prefixes("urn:none:"), **_NAMES}.items():
        if str(node).startswith(namespace):
            return f"{prefix}:{str(node)[len(namespace) :]}"
    return f"<{node}>"


def terms_as_markdown(ontology: Graph) -> str:
    """Return a table of each kind of terms, in the order of the file, with label and definition."""
    lines: list[str] = []
    for title, kind in _KINDS:
        lines += [f"## {title}", "", "| term | label | definition |", "|---|---|---|"]
        for term in ontology.subjects(RDF.type, kind):
            if not str(term).startswith(str(FG)):
                continue
            label = next(text for text in ontology.objects(term, RDFS.label) if text.language == "en")  # type: ignore[attr-defined]
            lines.append(f"| `{short(term)}` | {label} | {ontology.value(term, SKOS.definition)} |")
        lines.append("")
    return "\n".join(lines)


def expression(graph: Graph, node: Node) -> str:
    """Return a class or a class expression in words near to OWL's Manchester syntax."""
    if not isinstance(node, BNode):
        return f"`{short(node)}`"
    on = graph.value(node, OWL.onProperty)
    for predicate, word in ((OWL.hasValue, "value"), (OWL.someValuesFrom, "some"), (OWL.allValuesFrom, "only")):
        filler = graph.value(node, predicate)
        if on is not None and filler is not None:
            return f"`{short(on)}` {word} `{short(filler)}`"
    return "a class expression"


def axiom_as_text(graph: Graph, axiom: Axiom) -> str:
    """Return an axiom as one line."""
    if axiom.kind == OWL.AllDisjointClasses:
        members = graph.value(axiom.subject, OWL.members)
        classes = [] if members is None else list(Collection(graph, members))
        return f"{len(classes)} kinds are disjoint"
    if axiom.other is None:
        word = re.sub(r"Property$", "", str(axiom.kind).rsplit("#", 1)[-1]).lower()
        return f"`{short(axiom.subject)}` {word}"
    if axiom.kind == OWL.propertyChainAxiom:
        steps = " ∘ ".join(f"`{short(step)}`" for step in Collection(graph, axiom.other))
        return f"{steps} ⊑ `{short(axiom.subject)}`"
    return f"{expression(graph, axiom.subject)} {_SIGNS[axiom.kind]} {expression(graph, axiom.other)}"


def axioms_as_markdown(graph: Graph, measured: Measure) -> str:
    """Return what each rule and each axiom adds, as tables."""
    own = read_rdf(assets.ontology_dir() / "fundgraph.ttl")
    core: list[str] = []
    aligned: list[str] = []
    for axiom, count in measured.axioms:
        row = f"| {axiom_as_text(graph, axiom)} | {'check' if axiom.is_check else count} |"
        (core if _is_core(own, axiom) else aligned).append(row)
    head = ["| axiom | triples |", "|---|---|"]
    rules = [f"| {rule} | {count} |" for rule, count in measured.rules]
    total = (
        f"{len(core)} axioms of the core and {len(aligned)} of the alignments; {measured.inferred} triples follow."
    )
    return "\n".join(
        [total, "", "| rule | triples |", "|---|---|", *rules, "", "### Axioms of the core", "", *head, *sorted(core),
         "", "### Axioms of the alignments", "", *head, *sorted(aligned), ""]
    )  # fmt: skip


def _is_core(core: Graph, axiom: Axiom) -> bool:
    """Tell the core's axioms from the alignments', by the sides that have names."""
    if axiom.other is None or (isinstance(axiom.other, URIRef) and isinstance(axiom.subject, URIRef)):
        return (axiom.subject, axiom.kind if axiom.other else RDF.type, axiom.other or axiom.kind) in core
    return any(str(side).startswith(str(FG)) for side in (axiom.subject, axiom.other))


def constraints_as_markdown(shapes: Graph, cases: Path) -> str:
    """Return the constraints, a table for each class, and how many have a failing example in ``cases``."""
    named = sorted(shape for shape in shapes.subjects(SH.severity, None) if isinstance(shape, URIRef))
    examples = {_expected(case) for case in cases.glob("*/invalid-*.ttl")}
    by_severity = Counter(_severity(shapes, shape) for shape in named)
    counted = ", ".join(f"{count} {name}" for name, count in by_severity.most_common())
    having = sum(str(shape) in examples for shape in named)
    lines = [
        f"{len(named)} constraints ({counted}) in {len(CLASSES)} files; {having} of {len(named)} have a failing example.",
        "",
        "| class | constraints | Violation | Warning | Info | with a failing example |",
        "|---|---|---|---|---|---|",
        *(_row_of_class(shapes, name, named, examples) for name in CLASSES),
        "",
    ]
    for name in CLASSES:
        lines += [f"### {name}", "", "| constraint | severity | message |", "|---|---|---|"]
        lines += _rows(shapes, name, named)
        lines.append("")
    return "\n".join(lines)


def _of_class(name: str, named: list[URIRef]) -> Iterator[URIRef]:
    return (shape for shape in named if str(shape).startswith(f"{_SHAPES}{name}-"))


def _row_of_class(shapes: Graph, name: str, named: list[URIRef], examples: set[str]) -> str:
    own = list(_of_class(name, named))
    counts = Counter(_severity(shapes, shape) for shape in own)
    numbers = [
        counts["Violation"],
        counts["Warning"],
        counts["Info"],
        sum(str(shape) in examples for shape in own),
    ]
    return f"| `fg:{name}` | {len(own)} | {' | '.join(map(str, numbers))} |"


def _rows(shapes: Graph, name: str, named: list[URIRef]) -> Iterator[str]:
    for shape in _of_class(name, named):
        message = str(shapes.value(shape, SH.message)).replace("|", "\\|")
        yield f"| `{str(shape)[len(_SHAPES) :]}` | {_severity(shapes, shape)} | {message} |"


def _severity(shapes: Graph, shape: URIRef) -> str:
    return str(shapes.value(shape, SH.severity)).rsplit("#", 1)[-1]


def _expected(case: Path) -> str:
    return case.read_text(encoding="utf-8").split("\n", 1)[0].removeprefix("# expects: ")


def made_parts(programme: Path, cases: Path) -> dict[str, str]:
    """Return the text of each part: ``programme`` is what inference is measured on, ``cases`` the failing examples."""
    graph = asserted(programme).to_graph(Graph())
    return {
        "terms": terms_as_markdown(read_rdf(assets.ontology_dir() / "fundgraph.ttl")),
        "axioms": axioms_as_markdown(graph, measure(graph)),
        "constraints": constraints_as_markdown(read_shapes(assets.shapes_dir()), cases),
    }


def renewed(text: str, parts: Mapping[str, str]) -> str:
    """Return a document with its made parts replaced.

    >>> renewed("a <!-- made: x -->\\nold<!-- end --> b", {"x": "new\\n"})
    'a <!-- made: x -->\\nnew\\n<!-- end --> b'
    """
    return _PART.sub(lambda match: f"{match[1]}{parts[match[2]]}{match[3]}", text)


def main(path: Path, programme: Path) -> None:
    """Renew the made parts of a document in place."""
    parts = made_parts(programme, path.resolve().parent.parent / "tests" / "shapes")
    path.write_text(renewed(path.read_text(encoding="utf-8"), parts), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
