"""Check a graph against SHACL shapes, and say of each result in which line of which document it has its cause.

Two validators find the same: pySHACL, the reference, and shapes compiled to SPARQL, which an engine that is handed in
runs (this part of the house knows of no engine). Validate what is asserted, before inference: inference would type
wrong nodes and let them pass.

What validates is imported when it is asked to: a report needs neither a parser of SPARQL nor pySHACL.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rdflib import Graph

from fundgraph.validate.page import to_html
from fundgraph.validate.paths import compact
from fundgraph.validate.report import SEVERITIES, ValidationReport, ValidationResult, make_report
from fundgraph.validate.shapes import read_shapes

if TYPE_CHECKING:
    from fundgraph.validate.compile import Compiler
    from fundgraph.validate.compiled import Engine

__all__ = [
    "SEVERITIES",
    "ValidationReport",
    "ValidationResult",
    "compact",
    "read_shapes",
    "to_html",
    "validate",
    "validate_compiled",
]


def validate(data: Graph, shapes: Path | Graph, *, inferred: bool = False) -> ValidationReport:
    """Validate data with pySHACL against the shapes of a folder, or against a shapes graph read before.

    ``data`` is not changed; ``inferred`` says that it holds what follows by inference too. Raises
    :class:`RdfError` if the shapes are broken.
    """
    from fundgraph.validate import reference

    where = shapes if isinstance(shapes, Path) else None
    graph = read_shapes(shapes) if isinstance(shapes, Path) else shapes
    memory = reference.in_memory(data)
    return make_report(reference.outcomes(memory, graph, where), memory, graph, inferred=inferred)


def validate_compiled(
    engine: Engine, shapes: Path | Graph, *, inferred: bool = False, compiler: Compiler | None = None
) -> ValidationReport:
    """Validate an engine's data with the shapes compiled to SPARQL, and with pySHACL the shapes that cannot be.

    The report says which those are; ``compiler`` may have compiled the shapes before. Raises :class:`RdfError` if the
    shapes are broken.
    """
    from fundgraph.validate import compiled

    graph = read_shapes(shapes) if isinstance(shapes, Path) else shapes
    plan = compiled.plan_for(engine, graph, compiler)
    left_out = dict(plan.left_out)
    found = list(compiled.outcomes(engine, graph, plan, left_out))
    return make_report(
        found,
        engine,
        graph,
        validator="compiled",
        left_out={str(shape): reason for shape, reason in left_out.items()},
        inferred=inferred,
    )
