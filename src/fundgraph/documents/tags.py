"""HTML cut into text, tags and comments, each with its place: linear in the text's length whatever it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from itertools import islice

_NAME = re.compile(r"[a-zA-Z][^\s/><]*")
_ATTRIBUTE = re.compile(r"[\s/]*([^\s/>=<]+)(?:\s*=\s*([\"'])?)?")
_BARE = re.compile(r"[^\s><]*")
_OPENER = re.compile(r"<(?=[a-zA-Z/!?])")
_SIMPLE = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)>")
"""A tag with no attributes."""
_RAW = {"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"}
VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "div",
        "dl",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "ul",
    ]
)
_ENDED_BY = {
    "li": frozenset(("li",)),
    "tr": frozenset(("tr", "tbody", "thead", "tfoot")),
    "td": frozenset(("td", "th", "tr", "tbody", "thead", "tfoot")),
    "th": frozenset(("td", "th", "tr", "tbody", "thead", "tfoot")),
    "dt": frozenset(("dt", "dd")),
    "dd": frozenset(("dt", "dd")),
    "option": frozenset(("option",)),
    "p": _BLOCKS,
}
_ENDS = {
    name: [of for of, by in _ENDED_BY.items() if name in by] for name in frozenset().union(*_ENDED_BY.values())
}
"""By an element's name: those that end where it begins."""
_NOTHING: dict[str, tuple[str, int, int]] = {}
_BARRIER = frozenset(("table", "ul", "ol", "dl", "body", "select", "button"))
_TABLE = frozenset(("table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "body", "html"))
_NEAR = 24
"""How far up an element is looked for that a new one ends."""
_FAR = 1000
"""How far up an element is looked for that an end tag ends, when others lie between."""


@dataclass(slots=True)
class Token:
    """``text``, ``open`` or ``close``; ``partner`` is the index after an opened element's last token."""

    kind: str
    name: str
    start: int
    end: int
    attributes: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    """By name: the value decoded, and where it stands."""
    partner: int = -1

    def get(self, name: str) -> str:
        """Return an attribute's value, or the empty text."""
        return self.attributes[name][0] if name in self.attributes else ""


def tokens_of(text: str) -> list[Token]:
    """Cut HTML into tokens and pair the tags; comments, declarations and processing instructions are left out."""
    return _paired(_Cutter(text).cut())


class _Cutter:
    """Walks over the text once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = []
        self.absent: set[str] = set()
        """Delimiters that do not occur any more."""

    def cut(self) -> list[Token]:
        """Return all tokens."""
        text, position, plain = self.text, 0, 0
        while found := _OPENER.search(text, position):
            at = found.start()
            end = self._markup(at)
            if end is None:
                position = at + 1
                continue
            if plain < at:
                # The tags are appended already: the text before them goes in front.
                self.tokens.insert(self.mark, Token("text", "", plain, at))
            position = plain = end
        if plain < len(text):
            self.tokens.append(Token("text", "", plain, len(text)))
        return self.tokens

    def _markup(self, at: int) -> int | None:
        """Read the markup that begins here; return where it ends, or ``None`` if it is text."""
        text = self.text
        self.mark = len(self.tokens)
        if simple := _SIMPLE.match(text, at):
            closing, word = bool(simple.group(1)), simple.group(2).lower()
            self.tokens.append(Token("close" if closing else "open", word, at, simple.end(), _NOTHING))
            return self._raw(word, simple.end()) if word in _RAW and not closing else simple.end()
        following = text[at + 1]
        if following == "!" or following == "?":
            if text.startswith("<!--", at):
                end = self._find("-->", at + 4)
                if end >= 0:
                    return end + 3
            end = self._find(">", at + 2)
            return len(text) if end < 0 else end + 1
        closing = following == "/"
        name = _NAME.match(text, at + 1 + closing)
        if not name:
            if not closing:
                return None
            end = self._find(">", at + 2)
            return None if end < 0 else end + 1
        attributes, end = self._attributes(name.end())
        word = name.group().lower()
        self.tokens.append(Token("close" if closing else "open", word, at, end, attributes))
        return self._raw(word, end) if word in _RAW and not closing else end

    def _attributes(self, position: int) -> tuple[dict[str, tuple[str, int, int]], int]:
        text = self.text
        attributes: dict[str, tuple[str, int, int]] = {}
        while found := _ATTRIBUTE.match(text, position):
            name, quote, position = found.group(1).lower(), found.group(2), found.end()
            if "=" not in text[found.end(1) : position]:
                attributes.setdefault(name, ("", position, position))
                continue
            close = self._find(quote, position) if quote else -1
            if close < 0:
                bare = _BARE.match(text, position)
                close = bare.end() if bare else position
            attributes.setdefault(name, (unescape(text[position:close]), position, close))
            position = close + 1 if quote and text.startswith(quote, close) else close
        while position < len(text) and (text[position].isspace() or text[position] in "/="):
            position += 1
        return attributes, position + 1 if text.startswith(">", position) else position

    def _raw(self, name: str, start: int) -> int:
        """Take the raw text of a script, style or title up to its end tag; without one, to the text's end."""
        pattern = f"</{name}"
        found = (
            None if pattern in self.absent else re.compile(pattern + r"(?=[\s/>])", re.I).search(self.text, start)
        )
        if found is None:
            self.absent.add(pattern)
            end = start if name in {"title", "textarea"} else len(self.text)
        else:
            end = found.start()
        if end > start:
            self.tokens.append(Token("text", "", start, end))
        return end

    def _find(self, what: str, start: int) -> int:
        if what in self.absent:
            return -1
        found = self.text.find(what, start)
        if found < 0:
            self.absent.add(what)
        return found


def _paired(tokens: list[Token]) -> list[Token]:
    """Give every opened element the index at which it ends, by end tags and by implied ends."""
    stack: list[int] = []
    opened: dict[str, int] = {}

    def close(index: int) -> None:
        top = stack.pop()
        tokens[top].partner = index
        opened[tokens[top].name] -= 1

    for index, token in enumerate(tokens):
        if token.kind == "open":
            if any(map(opened.get, _ENDS.get(token.name, ()))):
                for depth in range(len(stack) - 1, max(len(stack) - _NEAR, 0) - 1, -1):
                    name = tokens[stack[depth]].name
                    if token.name in _ENDED_BY.get(name, ()):
                        while len(stack) > depth:
                            close(index)
                    elif name in _BARRIER:
                        break
            if token.name in VOID:
                token.partner = index + 1
            else:
                stack.append(index)
                opened[token.name] = opened.get(token.name, 0) + 1
        elif token.kind == "close" and opened.get(token.name) and _in_scope(tokens, stack, token.name):
            while tokens[stack[-1]].name != token.name:
                close(index)
            close(index + 1)
    # What is never closed is marked so: nobody may skip it whole.
    for left in stack:
        tokens[left].partner = -1
    return tokens


def _in_scope(tokens: list[Token], stack: list[int], name: str) -> bool:
    """Tell whether an end tag may end its element: not from within a cell whose table stands inside of it."""
    if name in _TABLE:
        return True
    for index in islice(reversed(stack), _FAR):
        if tokens[index].name == name:
            return True
        if tokens[index].name in ("td", "th", "caption"):
            return False
    return len(stack) <= _FAR
