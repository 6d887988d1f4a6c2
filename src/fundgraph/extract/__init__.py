"""Find projects, people, claims and slips in a document. No RDF here."""

from typing import TYPE_CHECKING, Any

from fundgraph.extract.assemble import extract

if TYPE_CHECKING:
    from fundgraph.extract.structured.joins import join
    from fundgraph.extract.structured.streams import Part, extract_stream, stream_parts
    from fundgraph.extract.structured.watch import Checked

__all__ = ["Checked", "Part", "extract", "extract_stream", "join", "stream_parts"]

_LATE = {
    "join": "joins",
    "Part": "streams",
    "extract_stream": "streams",
    "stream_parts": "streams",
    "Checked": "watch",
}


def __getattr__(name: str) -> Any:
    # Many files, or large ones: one text is read without the modules for these.
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"fundgraph.extract.structured.{_LATE[name]}"), name)
