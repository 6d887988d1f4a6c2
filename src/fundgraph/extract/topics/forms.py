"""One form for words that differ only in number, ending, spelling or hyphens, and texts as streams of such forms.

A form need not be a word: labels and texts go through the same functions, so only equality counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

TOKEN = re.compile(r"[^\W_]+")
_SPACES = re.compile(r"[\s\-‐‑–]+|['’]")
_HYPHEN = re.compile(r"[-‐‑]\n?")
_CAPITALS_PLURAL = re.compile(r"([a-z]?[A-Z][A-Z0-9]{1,4})s")
_ABBREVIATION = re.compile(r"[a-z]?[A-Z][A-Z0-9]{1,4}")
_IS = re.compile(r"is(e|ed|er|es|ers|ing|ation|ations|ability)$")
_OUR = re.compile(r"(?<=\w\w\w)our(|s|al|ed|ing)$")
_DOUBLE_L = re.compile(r"ll(ing|ings|ed|er|ers)$")
_GERMAN_ENDING = re.compile(r"(?:e[mnrs]?|n|(?<!s)s)$")
_UMLAUTS = str.maketrans("äöüß", "aous")

Form = Callable[[str], str]


def singular(word: str) -> str:
    """Write a plural as a singular; it need not be a word.

    >>> [singular(word) for word in ("networks", "theories", "processes", "analyses", "bias", "analysis")]
    ['network', 'theory', 'process', 'analysis', 'bias', 'analysis']
    """
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is", "as")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("yses", "eses")):
        return word[:-2] + "is"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=1 << 16)
def plain(word: str) -> str:
    """Return the form of an English word: lower case, singular, one spelling.

    >>> [plain(word) for word in ("Regularisation", "modelling", "behaviours", "PDEs", "NNs", "Noise")]
    ['regularization', 'modeling', 'behavior', 'pde', 'nn', 'noize']
    """
    word = singular(_CAPITALS_PLURAL.sub(r"\1", word).lower())
    if len(word) > 4:
        word = _DOUBLE_L.sub(r"l\1", _OUR.sub(r"or\1", _IS.sub(r"iz\1", word)))
    return word


@lru_cache(maxsize=1 << 16)
def german(word: str) -> str:
    """Return the form of a German word: lower case, without umlauts and the endings of its declension.

    >>> [german(word) for word in ("neuronalen", "neuronales", "Räume", "Raum", "Netzes", "Prozess", "Prozesses")]
    ['neuronal', 'neuronal', 'raum', 'raum', 'netz', 'prozes', 'prozes']
    """
    word = _CAPITALS_PLURAL.sub(r"\1", word).lower().replace("ß", "ss").translate(_UMLAUTS)
    for _ in range(2):
        shorter = _GERMAN_ENDING.sub("", word)
        if len(shorter) < 4:
            break
        word = shorter
    return word[:-1] if word.endswith("ss") else word


def capitals(word: str) -> str:
    """Return the form in which abbreviations are compared: as written, without the plural's s."""
    return _CAPITALS_PLURAL.sub(r"\1", word)


def is_abbreviation(label: str) -> bool:
    """Tell whether a label is one that only capitals tell from words: ``PDE``, ``GNNs``, ``nODE``."""
    return _ABBREVIATION.fullmatch(capitals(label)) is not None


def joined(text: str, left: int, right: int) -> bool:
    """Tell whether only spaces, hyphens or an apostrophe stand between two offsets."""
    return text[left:right] == " " or _SPACES.fullmatch(text, left, right) is not None


@dataclass(slots=True)
class Stream:
    """A text as forms between spaces, in which labels are looked for, and which tokens each form stands for.

    Two spaces with a line end between them part what no label may reach across.
    """

    pieces: list[str] = field(default_factory=lambda: [" "])
    starts: list[int] = field(default_factory=list)
    tokens: list[tuple[int, int]] = field(default_factory=list)
    _length: int = 1

    def add(self, form: str, first: int, last: int, *, apart: bool) -> None:
        """Add a form that stands for the tokens from ``first`` to ``last``."""
        if apart:
            self.pieces.append("\n ")
            self._length += 2
        self.starts.append(self._length)
        self.tokens.append((first, last))
        self.pieces.append(f"{form} ")
        self._length += len(form) + 1

    @property
    def text(self) -> str:
        """The forms, with a space before and after each."""
        return "".join(self.pieces)


def stream(text: str, tokens: Sequence[re.Match[str]], form: Form) -> Stream:
    """Write tokens as a stream; hyphens are spaces."""
    made = Stream()
    for number, token in enumerate(tokens):
        apart = number > 0 and not joined(text, tokens[number - 1].end(), token.start())
        made.add(form(token.group()), number, number, apart=apart)
    return made


def closed_stream(text: str, tokens: Sequence[re.Match[str]], form: Form) -> Stream | None:
    """Write tokens as a stream in which words with hyphens are one; None if there is no hyphen."""
    units = list(hyphenated(text, tokens))
    if len(units) == len(tokens):
        return None
    made = Stream()
    for first, last in units:
        apart = first > 0 and not joined(text, tokens[first - 1].end(), tokens[first].start())
        word = "".join(token.group() for token in tokens[first : last + 1])
        made.add(form(word), first, last, apart=apart)
    return made


def hyphenated(text: str, tokens: Sequence[re.Match[str]]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last token of each word, words with hyphens being one."""
    first = 0
    for number in range(1, len(tokens) + 1):
        if number < len(tokens):
            left, right = tokens[number - 1].end(), tokens[number].start()
            if text[left] in "-‐‑" and _HYPHEN.fullmatch(text, left, right):
                continue
        if tokens:
            yield first, number - 1
        first = number


def label_forms(label: str, form: Form) -> Iterator[str]:
    """Yield the ways in which a stream may hold a label: hyphens as spaces, closed up, or all its words glued.

    >>> list(label_forms("mean-field theory", plain))
    ['mean field theory', 'meanfield theory', 'meanfieldtheory']
    """
    tokens = list(TOKEN.finditer(label))
    if not tokens:
        return
    words = [form(token.group()) for token in tokens]
    yield " ".join(words)
    units = ["".join(t.group() for t in tokens[a : b + 1]) for a, b in hyphenated(label, tokens)]
    if len(units) < len(tokens):
        yield " ".join(map(form, units))
    glued = "".join(token.group() for token in tokens)
    if len(units) > 1 and len(glued) >= 10:
        yield form(glued)
