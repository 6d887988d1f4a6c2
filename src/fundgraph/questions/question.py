"""A canned query: its sentence, its parameters, and how these are bound without splicing any text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from fundgraph.errors import ParameterError
from fundgraph.terms import DATATYPES, KINDS, render

BLANK = re.compile(r"\{([^{}]*)\}")
FORM = re.compile(r"\b(SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.IGNORECASE)

_SERVICE = re.compile(r"^[^#\n]*\bSERVICE[ \t]+(?:SILENT[ \t]+)?<([^<>\s]+)>", re.IGNORECASE | re.MULTILINE)
_VALUES = re.compile(r"^[ \t]*VALUES[ \t]+[?$](\w+)[ \t]*\{([^{}\n]*)\}", re.IGNORECASE | re.MULTILINE)
_PREFIX = re.compile(r"^[ \t]*PREFIX[ \t]+([\w.-]*):[ \t]*<([^<>\s]*)>", re.IGNORECASE | re.MULTILINE)
_OPAQUE = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
    r'|<[^<>"{}|^`\\\x00-\x20]*>'
    r"|#[^\n]*",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A blank of a question: its type, what stands in it if nothing is given, and where its choices come from.

    ``options`` is ``instances`` (of the class), the id of a question whose first two columns are value and label,
    or a tuple of the allowed values.
    """

    name: str
    type: str
    label: str
    default: str | None = None
    optional: bool = False
    example: str | None = None
    options: str | tuple[str, ...] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    """The label in other languages than English, by language."""

    @property
    def is_thing(self) -> bool:
        """Whether the value is the IRI of a thing rather than a literal."""
        return self.type in KINDS

    @property
    def required(self) -> bool:
        """Whether the question cannot be asked without a value."""
        return self.default is None and not self.optional

    @property
    def expected(self) -> str:
        """What a value looks like, in words."""
        if not self.is_thing:
            return DATATYPES[self.type].expected
        return f"the name of a {self.type}: an IRI, a prefixed name, or a slug below {KINDS[self.type]}/"

    def to_jsonable(self) -> dict[str, Any]:
        """Return the parameter as plain data."""
        options = list(self.options) if isinstance(self.options, tuple) else self.options
        return {
            "name": self.name, "type": self.type, "label": self.label, "default": self.default,
            "optional": self.optional, "required": self.required, "example": self.example, "options": options,
            "labels": dict(self.labels),
        }  # fmt: skip


@dataclass(frozen=True)
class Question:
    """A canned query. ``text`` is the whole file; ``labels`` maps a column of things to that of their names."""

    id: str
    path: Path
    summary: str
    description: str
    tags: tuple[str, ...]
    params: tuple[Parameter, ...]
    view: str
    reading: str
    text: str
    sentence: str
    labels: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Summary, sentence, description and reading in other languages than English: by language, then by key."""

    @cached_property
    def _said(self) -> dict[str, Question]:
        return {
            language: replace(
                self,
                summary=words.get("summary", self.summary),
                sentence=words.get("sentence", self.sentence),
                description=words.get("description", self.description),
                reading=words.get("reading", self.reading),
                params=tuple(replace(p, label=p.labels.get(language, p.label)) for p in self.params),
            )
            for language, words in self.words.items()
        }

    def said(self, language: str) -> Question:
        """Return the question in the words of a language; as it is where it has none."""
        return self._said.get(language, self)

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that the query declares."""
        return declared_prefixes(self.text)

    @cached_property
    def query(self) -> str:
        """The query without its header."""
        return without_header(self.text)

    @cached_property
    def form(self) -> str:
        """The form of the query: SELECT, ASK, CONSTRUCT or DESCRIBE."""
        found = FORM.search(mask(self.text))
        return found[1].upper() if found else ""

    @cached_property
    def services(self) -> tuple[str, ...]:
        """The endpoints of others that the query calls."""
        return tuple(dict.fromkeys(_SERVICE.findall(self.query)))

    @cached_property
    def sentence_parts(self) -> tuple[str | Parameter, ...]:
        """The sentence as text and blanks, in order."""
        by_name = {parameter.name: parameter for parameter in self.params}
        pieces = BLANK.split(self.sentence)
        return tuple(by_name[piece] if at % 2 else piece for at, piece in enumerate(pieces) if piece)

    def bind(
        self,
        values: Mapping[str, str | Sequence[str]],
        base: str,
        *,
        prefixes: Mapping[str, str] | None = None,
        header: bool = False,
    ) -> str:
        """Return the query with its parameters bound; what is not given takes its default.

        ``base`` is the dataset's base IRI, below which a bare slug stands; ``header`` keeps the header lines.
        Raises :class:`ParameterError` for a value that is unknown, missing, repeated or of the wrong type.
        """
        terms = self.terms(values, base, prefixes=prefixes)
        text = self.text
        for name, start, end in reversed(values_lines(text)):
            if name in terms:  # another is a blank that a call of a service leaves for values of ours
                text = f"{text[:start]} {terms[name]} {text[end:]}"
        return text if header else without_header(text)

    def terms(
        self, values: Mapping[str, str | Sequence[str]], base: str, *, prefixes: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Return the term that each parameter is bound to, as SPARQL writes it; raises as :meth:`bind` does."""
        names = [parameter.name for parameter in self.params]
        for name in values:
            if name not in names:
                raise ParameterError(f"there is no parameter {name!r}", where=self.id, allowed=names)
        known = {**(prefixes or {}), **self.prefixes, **{kind: f"{base}{kind}/" for kind in KINDS.values()}}
        return {p.name: self._term(p, values.get(p.name), base, known) for p in self.params}

    def _term(
        self, parameter: Parameter, value: str | Sequence[str] | None, base: str, prefixes: Mapping[str, str]
    ) -> str:
        """Return the term that takes the place of a parameter."""
        if value is not None and not isinstance(value, str):
            if len(value) > 1:
                raise ParameterError(f"parameter {parameter.name!r} is given more than once", where=self.id)
            value = value[0] if value else None
        if value is None:
            value = parameter.default
        if value is None:
            if parameter.optional:
                return "UNDEF"
            raise ParameterError(
                f"parameter {parameter.name!r} is missing",
                where=self.id,
                hint=f"Expected {parameter.expected}, such as {parameter.example!r}",
            )
        if isinstance(parameter.options, tuple) and value not in parameter.options:
            raise ParameterError(
                f"parameter {parameter.name!r} cannot be {value!r}", where=self.id, allowed=parameter.options
            )
        try:
            return render(parameter.type, value, base, prefixes)
        except ValueError as error:
            raise ParameterError(
                f"parameter {parameter.name!r}: {error}",
                where=self.id,
                hint=f"Expected {parameter.expected}, such as {parameter.example!r}",
            ) from error

    def to_jsonable(self) -> dict[str, Any]:
        """Return the question as plain data, as ``/queries.json`` lists it."""
        return {
            "id": self.id, "summary": self.summary, "sentence": self.sentence, "description": self.description,
            "reading": self.reading, "tags": list(self.tags), "view": self.view, "labels": dict(self.labels),
            "params": [parameter.to_jsonable() for parameter in self.params],
            "words": {language: dict(words) for language, words in self.words.items()},
        }  # fmt: skip


def without_header(text: str) -> str:
    """Return a query without the lines of its header."""
    return "\n".join(line for line in text.split("\n") if not line.startswith("#+")).lstrip("\n")


@lru_cache(maxsize=8)  # each reader of a query asks for it several times
def mask(text: str) -> str:
    """Return the text with strings, IRIs and comments blanked out, every other character in its place."""
    return _OPAQUE.sub(_blanked, text)


def _blanked(found: re.Match[str]) -> str:
    return "\n".join([" " * len(line) for line in found[0].split("\n")])


def values_lines(text: str) -> list[tuple[str, int, int]]:
    """Return name, start and end of the inside of every one-line ``VALUES ?name { … }``."""
    return [(found[1], found.start(2), found.end(2)) for found in _VALUES.finditer(mask(text))]


def declared_prefixes(text: str) -> dict[str, str]:
    """Return the prefixes that a query declares."""
    return dict(_PREFIX.findall(text))
