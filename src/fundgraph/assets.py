"""Where the files that ship with fundgraph are: the top of a checkout, or inside an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _root() -> Path:
    packed = _PACKAGE / "_assets"
    return packed if packed.is_dir() else _PACKAGE.parent.parent


def ontology_dir() -> Path:
    """The folder of the ontology, its alignments, its JSON-LD context and its examples."""
    return _root() / "ontology"


def model_files() -> tuple[Path, ...]:
    """The files that every dataset holds: the ontology, its alignments, and the scheme of roles."""
    return ontology_dir() / "fundgraph.ttl", ontology_dir() / "alignments.ttl", data_dir() / "roles.ttl"


def shapes_dir() -> Path:
    """The folder of the SHACL shapes, one file per class."""
    return _root() / "shapes"


def queries_dir() -> Path:
    """The folder of the canned queries, one file per question."""
    return _root() / "queries"


def pages_dir() -> Path:
    """The folder of the panels' queries, ``<page>_<panel>.rq``."""
    return _root() / "pages"


def data_dir() -> Path:
    """The programmes that ship with fundgraph."""
    return _root() / "data"
