"""Further columns for a client's table: the values of properties of things that it has reconciled."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fundgraph.errors import QueryResourceError, ReconciliationError
from fundgraph.kg import KnowledgeGraph
from fundgraph.reconcile.asking import Extension
from fundgraph.reconcile.properties import TYPES, Known, properties_of, property_named, values_query
from fundgraph.results import Term
from fundgraph.terms import XSD

__all__ = ["extended"]

_AT_ONCE = 250
_WHOLE = re.compile(r"[+-]?\d{1,18}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INTEGERS = (f"{XSD}integer", f"{XSD}int", f"{XSD}nonNegativeInteger", f"{XSD}positiveInteger")
_FLOATS = (f"{XSD}decimal", f"{XSD}double", f"{XSD}float")

Cell = dict[str, Any]


def extended(
    kg: KnowledgeGraph, asked: Extension, iris: Mapping[str, str], say: Callable[[str], str] = str
) -> dict[str, Any]:
    """Return the values that are asked for; ``iris`` leads from the ids to IRIs, ``say`` names into the reader's language.

    Raises :class:`ReconciliationError` for a property that there is not, :class:`QueryResourceError` for too many values.
    """
    schemes = kg.identities.schemes
    meta: list[dict[str, Any]] = []
    rows: dict[str, dict[str, list[Cell]]] = {id_: {} for id_ in asked.ids}
    for id_, most in asked.properties:
        known = property_named(id_, schemes)
        if known is None:
            raise ReconciliationError(
                f"there is no property {id_[:80]!r}", allowed=[one.id for one in properties_of(schemes)]
            )
        meta.append(_described(id_, known, say))
        cells = _cells(kg, known, sorted({iri for iri in iris.values() if iri}))
        for thing in asked.ids:
            found = cells.get(iris.get(thing, ""), [])
            rows[thing][id_] = found[:most] if most else found
    return {"meta": meta, "rows": rows}


def _described(id_: str, known: Known, say: Callable[[str], str]) -> dict[str, Any]:
    name = say("Identifier: {}").format(known.scheme) if known.scheme else say(known.name)
    about: dict[str, Any] = {"id": id_, "name": name}
    return about | ({"type": {"id": known.values, "name": say(TYPES[known.values].name)}} if known.values else {})


def _cells(kg: KnowledgeGraph, known: Known, iris: Sequence[str]) -> dict[str, list[Cell]]:
    found: dict[str, list[Cell]] = {}
    for at in range(0, len(iris), _AT_ONCE):
        table = kg.select(values_query(known, iris[at : at + _AT_ONCE]))
        if table.completeness != "complete":
            raise QueryResourceError(
                f"there are too many values of {known.id!r}", hint="Ask for fewer things at once"
            )
        for thing, value, label in table.rows:
            if thing is None or value is None:
                continue
            cell = cell_of(value, label.value if label else "", kg.base, is_thing=bool(known.values))
            cells = found.setdefault(thing.value, [])
            if cell not in cells:
                cells.append(cell)
    return found


def cell_of(value: Term, label: str, base: str, *, is_thing: bool) -> Cell:
    """Return a value as the protocol has it. A date that is not known to the day stays a text: none is made up."""
    if value.kind == "iri":
        if is_thing and value.value.startswith(base):
            return {"id": value.value.removeprefix(base), "name": label or value.value.removeprefix(base)}
        return {"str": label or value.value}
    if value.datatype in _INTEGERS and _WHOLE.fullmatch(value.value):
        return {"int": int(value.value)}
    if value.datatype in _FLOATS:
        return _float(value.value)
    if value.datatype == f"{XSD}date" and _DAY.fullmatch(value.value):
        return {"date": f"{value.value}T00:00:00"}
    return {"str": value.value}


def _float(text: str) -> Cell:
    number = float(text)
    return {"float": number} if number - number == 0 else {"str": text}  # INF and NaN are no JSON
