"""The two laws of the house: floors and doors."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "fundgraph"

FLOORS = {
    "vocab": 0, "model": 0, "settings": 0, "errors": 0, "assets": 0, "terms": 0, "ntriples": 0, "literals": 0,
    "progress": 0, "bar": 0, "second": 0, "frozen": 0,
    "documents": 1, "extract": 1,
    "graph": 2, "validate": 2, "reason": 2, "store": 2, "questions": 2, "extraction": 2, "link": 2, "export": 2,
    "linksets": 3, "exporting": 4, "validation": 3, "results": 2, "kg": 3, "agents": 4, "explanation": 3, "inference": 3, "contradiction": 3, "framing": 3,
    "release": 4, "reconcile": 4,
    "pipeline": 5,
    "topics": 6, "linking": 6, "things": 4, "ontology_documentation": 6,
    "difference": 3, "past": 4, "citation": 1,
    "web": 7,
    "cli": 8,
}  # fmt: skip

DOORS = {
    "pyoxigraph": ("store",),
    "pyshacl": ("validate",),
    "owlrl": ("reason",),
    "numpy": ("reason", "web.layout", "link"),
    "httpx": ("link", "linking"),
    "networkx": ("web.layout", "results"),
    "pyld": ("framing",),
    "duckdb": ("reason",),
    "flask": ("web",),
    "mcp": ("agents", "cli.agents"),
    "werkzeug": ("web",),
    "prometheus_client": ("web",),
    "flask_limiter": ("web",),
    "brotli": ("web.encoding",),
    "backports": ("web.encoding",),
    "click": ("cli",),
    "SPARQLWrapper": ("store.remote", "link"),
}

#: Who must not see what.
BLIND = {
    "extract": ("rdflib", "fundgraph.vocab", "fundgraph.graph"),
    "web": ("fundgraph.extract", "fundgraph.documents"),
}

MODULES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    """Return a module's name below the package: ``store.engine``; the package itself is ''."""
    parts = list(path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(part for part in parts if part != "__init__")


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Yield all that a module imports, wherever the import stands, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno


def part_of(name: str) -> str:
    """Return the part of the house that a module belongs to."""
    return name.split(".")[0]


def below(name: str, door: str) -> bool:
    """Tell whether a module is a door or lies behind it."""
    return name == door or name.startswith(door + ".")


def test_every_module_has_a_floor() -> None:
    """No part of the package stands outside of the house."""
    parts = {part_of(name_of(path)) for path in MODULES} - {"", "__main__"}
    assert parts <= set(FLOORS), f"no floor for {sorted(parts - set(FLOORS))}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_floors_and_doors(path: Path) -> None:
    """A module imports only from lower floors, and heavy libraries only by their door."""
    name = name_of(path)
    faults = []
    for imported, line in imports(path):
        top = imported.split(".")[0]
        if top in DOORS and not any(below(name, door) for door in DOORS[top]):
            faults.append(f"{path.name}:{line}: {top} enters only by {DOORS[top]}")
        for blind in BLIND.get(part_of(name), ()):
            if below(imported, blind):
                faults.append(f"{path.name}:{line}: {part_of(name)} must not see {blind}")
        if top != "fundgraph" or name in ("", "__main__"):
            continue
        other = part_of(imported.removeprefix("fundgraph.").removeprefix("fundgraph"))
        if other not in FLOORS or other == part_of(name):
            continue
        if (
            FLOORS[other] >= FLOORS[part_of(name)]
            and not {other, part_of(name)} <= {"documents", "extract"}
            and FLOORS[other] > 0
        ):
            faults.append(
                f"{path.name}:{line}: {name} (floor {FLOORS[part_of(name)]}) imports {other} ({FLOORS[other]})"
            )
    assert not faults, "\n".join(faults)


def test_the_serving_path_is_light() -> None:
    """To start a server neither rdflib nor pySHACL nor owlrl is imported."""
    import subprocess
    import sys

    code = (
        "import sys, fundgraph.web.server, fundgraph.web.app;"
        "print([name for name in ('rdflib', 'pyshacl', 'owlrl') if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(PACKAGE.parent)},
    )
    assert run.stdout.strip() == "[]"
