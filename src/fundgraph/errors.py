"""The one exception tree. Errors carry data (what, where, what is allowed); text is made at the edge."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class FundgraphError(Exception):
    """Anything that goes wrong through no fault of our code; ``exit_code`` is what the command line returns.

    ``near`` is the text that offends, ``suggestions`` is what may have been meant.
    """

    exit_code = 2

    def __init__(
        self,
        what: str,
        *,
        where: str | Path | None = None,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
        allowed: Sequence[str] = (),
        near: str | None = None,
        suggestions: Sequence[str] = (),
    ) -> None:
        self.what = what
        self.where = None if where is None else str(where)
        self.line = line
        self.column = column
        self.hint = hint
        self.allowed = tuple(allowed)
        self.near = near
        self.suggestions = tuple(suggestions)
        super().__init__(str(self))

    @property
    def place(self) -> str:
        """File, line and column as far as they are known: ``page.txt:12:3``."""
        return ":".join(str(part) for part in (self.where, self.line, self.column) if part is not None)

    def __str__(self) -> str:
        text = f"{self.place}: {self.what}" if self.place else self.what
        if self.allowed:
            text += f" (allowed: {', '.join(self.allowed)})"
        if self.suggestions:
            text += f". Did you mean {' or '.join(self.suggestions)}?"
        if self.hint:
            text += f". {self.hint}" if not text.endswith("?") else f" {self.hint}"
        return text


class InputError(FundgraphError):
    """A file given to us cannot be read or makes no sense."""


class DocumentError(InputError):
    """A document cannot be read, or nothing can be read out of it."""


class ProgrammeError(InputError):
    """A ``programme.toml`` is broken."""


class ReconciliationError(FundgraphError):
    """A request to the reconciliation service is broken; ``too_large`` tells that it asks for too much at once."""

    def __init__(
        self, what: str, *, too_large: bool = False, hint: str | None = None, allowed: Sequence[str] = ()
    ) -> None:
        self.too_large = too_large
        super().__init__(what, hint=hint, allowed=allowed)


class SiteError(FundgraphError):
    """A site of files cannot be made whole: a page fails, or a link leads nowhere. That is our fault or the data's."""

    exit_code = 1


class LinkError(InputError):
    """A mapping set, or the table of targets, is broken."""


class TargetError(FundgraphError):
    """A target that was asked did not answer as it should; ``where`` names it."""


class RdfError(InputError):
    """An RDF file is broken."""


class QuestionError(InputError):
    """A canned query's file is broken."""


class UsageError(FundgraphError):
    """The user asked for something that does not exist or is not allowed."""


class UnknownQuestionError(UsageError):
    """There is no canned query of that name."""


class ParameterError(UsageError):
    """A parameter of a canned query is missing, unknown or of the wrong type."""


class WriteRefusedError(UsageError):
    """A write asks for something that is not done here; ``allowed`` says what is."""


class ConflictError(UsageError):
    """A write does not fit what is there, such as a graph to be made that exists."""


class UnknownGraphError(UsageError):
    """There is no graph of that name."""


class BadDataError(UsageError):
    """RDF that was sent is broken."""


class NoSnapshotError(UsageError):
    """There is no snapshot to read."""


class OldReleaseError(UsageError):
    """A release was made by older code, and cannot be asked by this one."""


class DataError(FundgraphError):
    """The data failed a check; nothing was switched."""

    exit_code = 1


class ValidationError(DataError):
    """SHACL reports violations."""


class InconsistencyError(DataError):
    """The graph contradicts the ontology.

    ``rule`` is the name of the rule that found it, ``premises`` are the triples that cannot all be true, as
    N-Triples writes their terms; ``proof`` shows how they came about, if the engine can tell.
    """

    def __init__(
        self,
        what: str,
        *,
        rule: str | None = None,
        premises: Sequence[tuple[str, str, str]] = (),
        proof: object = None,
        hint: str | None = None,
    ) -> None:
        self.rule = rule
        self.premises = tuple(premises)
        self.proof = proof
        super().__init__(what, hint=hint)


class QueryError(FundgraphError):
    """A query cannot be answered."""


class QuerySyntaxError(QueryError):
    """A query is malformed; ``line`` and ``column`` say where."""


class QueryRefusedError(QueryError):
    """A query asks for something that this service does not do (SERVICE, FROM of an outside graph, update)."""


class UnacceptableFormatError(QueryError):
    """The form of this query cannot be written in that format; ``allowed`` lists those that can."""


class QueryDeadlineError(QueryError):
    """A query was stopped at its deadline; there is no partial answer."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(
            f"the query was stopped after {seconds:g} s",
            hint="Narrow it: bind a variable, add a LIMIT, or start from the most selective pattern",
        )


class QueryResourceError(QueryError):
    """A query needed more memory, or a larger answer, than it may have."""


class OverloadedError(QueryError):
    """All workers are busy and the queue is full."""


class QueryCancelledError(QueryError):
    """A query was stopped because its asker went away, or said so."""

    def __init__(self, why: str = "the query was cancelled") -> None:
        super().__init__(why)


class RemoteServiceError(QueryError):
    """Another service that the query calls did not answer as it should; ``where`` names it."""
