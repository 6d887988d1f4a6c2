"""Inference over RDF files of any kind: what ``fundgraph infer`` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from fundgraph.errors import InconsistencyError, RdfError, UsageError
from fundgraph.ntriples import Name, Statements
from fundgraph.reason import BYTES_PER_TRIPLE, choose, infer_statements, memory_bound
from fundgraph.reason.closure import Closure
from fundgraph.reason.facts import Facts
from fundgraph.reason.front import read_lines
from fundgraph.reason.profile import outside_of_profile
from fundgraph.reason.proof import Proof
from fundgraph.reason.rules_engine import raise_if_inconsistent
from fundgraph.store.dump import FORMATS, dump_triples
from fundgraph.store.parse import parse_file

if TYPE_CHECKING:
    from fundgraph.reason.spill import SpillingClosure

__all__ = ["FORMATS", "Inferred", "infer_files"]

_PREFIXES = {
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_LINES = (".nt", ".nq")
_MEND = "Mend the data or the ontology; nothing was written"


@dataclass(frozen=True, slots=True)
class Inferred:
    """What follows from some files: the triples as N-Triples writes their terms, and what was passed over."""

    asserted: int
    triples: Callable[[], Iterator[Name]]
    warnings: tuple[str, ...]

    def write(self, out: BinaryIO, form: str = "turtle") -> None:
        """Write the inferred triples in a format of RDF. Raises :class:`UsageError` for one that there is not."""
        dump_triples(self.triples(), out, form, prefixes=_PREFIXES)


def infer_files(
    paths: Sequence[Path],
    ontologies: Sequence[Path] = (),
    *,
    engine: str = "auto",
    memory: int = 0,
    expand: bool = True,
    say: Callable[[int, int], None] = lambda _round, _triples: None,
) -> Inferred:
    """Infer what follows from RDF files and ontologies together; ``say`` is told rounds and triples.

    Files are read statement by statement, without rdflib, so that large ones fit; what ``memory`` (MiB, 0: half of
    the machine's) would not hold is inferred on disk. Of things that are the same, what follows is said of each, or
    without ``expand`` of one, with which others it stands for. Raises :class:`RdfError` for a broken file,
    :class:`InconsistencyError` for a contradiction.
    """
    every = [*ontologies, *paths]
    triples = chain.from_iterable(_read(path, number) for number, path in enumerate(every))
    engine = choose(engine, sum(map(_size_in_memory, every)), memory)
    if engine == "owlrl" and not expand:
        raise UsageError(
            "the engine owlrl knows no representatives of things that are the same", allowed=("rules", "disk")
        )
    if engine == "owlrl":
        asserted = Statements(triples)
        return Inferred(len(asserted), partial(infer_statements, asserted, "owlrl"), ())
    closure: Closure | SpillingClosure
    facts: Facts
    if engine == "disk":
        from fundgraph.reason.spill import SpillingClosure

        closure = SpillingClosure(memory_bound(memory), say=say)
        closure.load(triples)
        facts, count = closure.facts, closure.asserted
    else:
        closure = Closure(say=say)
        closure.load(closure.terms.encode(triples))
        try:
            raise_if_inconsistent(closure)
        except InconsistencyError as error:
            raise _told(error) from None
        facts, count = closure.engine.facts, sum(len(keys) for keys in closure.asserted.values())
    return Inferred(count, partial(closure.decoded, expand=expand), tuple(map(str, outside_of_profile(facts))))


def _told(error: InconsistencyError) -> InconsistencyError:
    """Return a contradiction with its proof written out, down to what the files say."""
    text = error.proof.to_text() if isinstance(error.proof, Proof) else ""
    return InconsistencyError(
        f"{error.what}\n{text}".rstrip(), rule=error.rule, premises=error.premises, proof=error.proof, hint=_MEND
    )


def _size_in_memory(path: Path) -> int:
    """Return about how many bytes the triples of a file would take in the engine ``rules``."""
    try:
        size = path.stat().st_size
    except OSError:
        return 0  # reading it will say so
    # A statement takes a line of about 120 bytes, or where subjects and prefixes are shared a third of that.
    return size * BYTES_PER_TRIPLE // (120 if path.suffix.lower() in _LINES else 40)


def _read(path: Path, number: int) -> Iterator[Name]:
    return _lines(path, number) if path.suffix.lower() in _LINES else parse_file(path)


def _lines(path: Path, number: int) -> Iterator[Name]:
    """Yield a file's triples; its blank nodes are its own, whatever other files call theirs."""
    try:
        with path.open(encoding="utf-8") as lines:
            for s, p, o in read_lines(lines, str(path)):
                if s[0] == "_":
                    s = f"_:f{number}.{s[2:]}"
                if o[0] == "_":
                    o = f"_:f{number}.{o[2:]}"
                yield s, p, o
    except OSError as error:
        raise RdfError(f"cannot be read: {error.strerror}", where=path) from error
    except UnicodeDecodeError as error:
        raise RdfError("is not UTF-8", where=path) from error
