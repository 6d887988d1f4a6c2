"""A document cut into lines and blocks, each knowing where in the text it stands."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from fundgraph.documents.view import Mark, View
from fundgraph.extract.identifiers import schemes_in
from fundgraph.model import Document

INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"
"""Characters that print nothing but are no white space for Python."""

LONGEST_HEADING = 80
"""Characters of the longest line that may be a heading of people."""
_EDGES = INVISIBLE + "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
_SPACES = re.compile(rf"[\s{INVISIBLE}]+")
_LIST_MARK = re.compile(r"(?:[-*•–·▪◦]|\d{1,3}[.)])\s+")
_INVISIBLES = re.compile(f"[{INVISIBLE}]")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(slots=True)
class Line:
    """A line without the white space around it: ``text`` is exactly ``document.text[start:end]``."""

    number: int
    start: int
    end: int
    text: str
    mark: Mark | None = None
    """What the markup says of the line, if the document has any."""


@dataclass(slots=True)
class Block:
    """Lines with no blank line between them."""

    lines: tuple[Line, ...]
    _text: str | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def start(self) -> int:
        """Where the first line begins."""
        return self.lines[0].start

    @property
    def end(self) -> int:
        """Where the last line ends."""
        return self.lines[-1].end

    @property
    def text(self) -> str:
        """The lines as one, with a space for each line's end."""
        if self._text is None:
            self._text = squeeze(" ".join([line.text for line in self.lines]))
        return self._text


@dataclass(frozen=True)
class Source:
    """What a layout reads: the document, its lines that are not blank, and the words that its prose uses."""

    document: Document
    lines: tuple[Line, ...]
    common_words: frozenset[str]
    """Words that stand somewhere in lower case: a line of only such words is no name."""
    view: View = field(repr=False, compare=False)
    """What ``document`` is the text of, with its links and the way back to the file."""
    runs: str = field(repr=False, compare=False)
    """Every run between white space that the text has, once; it is asked for words that stand in few pages."""

    @cached_property
    def schemes(self) -> frozenset[str]:
        """The schemes of which the document may hold identifiers."""
        return schemes_in(self.document.text, self.runs)

    def has(self, phrase: str) -> bool:
        """Tell whether the text holds a phrase; most that it does not hold are told by its runs, which are far fewer."""
        words = phrase.split()
        return all(word in self.runs for word in words) and (len(words) == 1 or phrase in self.document.text)

    @cached_property
    def lone_lines(self) -> frozenset[str]:
        """The short lines that stand on the page once."""
        counts = Counter([line.text for line in self.lines if len(line.text) <= LONGEST_HEADING])
        return frozenset(text for text, number in counts.items() if number == 1)

    @classmethod
    def of(cls, document: Document | View) -> Source:
        """Cut a document, or what it shows, into lines."""
        view = document if isinstance(document, View) else View.plain(document)
        document = view.document
        marks = view.marks
        lines: list[Line] = []
        start = 0
        for number, raw in enumerate(document.text.split("\n"), 1):
            if raw:
                text = raw.strip(_EDGES)
                if text:
                    first = start if raw[0] == text[0] else start + raw.index(text)
                    lines.append(Line(number, first, first + len(text), text, marks.get(number)))
                start += len(raw)
            start += 1
        # A word stands within white space, and most of what does stands there often.
        runs = runs_of(document.text)
        words = frozenset(word for word in set(_WORD.findall(runs)) if word[0].islower())
        return cls(document, tuple(lines), words, view, runs)


def list_mark(text: str) -> int:
    """Return how many characters of a list's mark, and of the space after it, a line begins with.

    >>> list_mark("- Anna Schmidt"), list_mark("12) Anna Schmidt"), list_mark("Anna Schmidt")
    (2, 4, 0)
    """
    if text[:1].isalpha():
        return 0
    found = _LIST_MARK.match(text)
    return found.end() if found else 0


def runs_of(text: str) -> str:
    """Return every run between white space that a text has, once, each on a line."""
    return "\n".join(set(text.split()))


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Narrow a stretch to what is left without white space and invisible characters at its edges."""
    while start < end and (text[start].isspace() or text[start] in INVISIBLE):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in INVISIBLE):
        end -= 1
    return start, end


def squeeze(text: str) -> str:
    r"""Write every run of white space as one space, and none at the edges.

    >>> squeeze(" Anna\u00a0 Schmidt ")
    'Anna Schmidt'
    """
    if "  " not in text and text.isprintable() and text[:1] != " " and text[-1:] != " ":
        return text  # printable white space is the space alone
    if text.isascii() or not _INVISIBLES.search(text):
        return " ".join(text.split())
    return _SPACES.sub(" ", text).strip()
