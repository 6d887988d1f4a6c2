"""Make the links of a page relative: found by Python's HTML parser, replaced in place, with every other byte kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

from fundgraph.web.staticsite.addresses import Addresses, Place, link_between, to_root

#: The attributes that hold an address.
LINKS = frozenset(("href", "src", "action"))
_VALUE = r"""\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+)"""
_ATTRIBUTES = {name: re.compile(rf"(?<=\s){name}{_VALUE}", re.IGNORECASE) for name in LINKS}


@dataclass(slots=True)
class Rewritten:
    """A page with relative links: the places that they lead to, and those addresses that need a server."""

    text: str
    places: list[Place]
    left_out: list[str]


@dataclass(slots=True)
class _Edit:
    start: int
    end: int
    text: str


class _Tags(HTMLParser):
    """Calls ``seen`` with the offset, the text and the attributes of each start tag that has a link, and of ``html``."""

    def __init__(self, seen: Callable[[int, int, str, list[tuple[str, str | None]]], None]) -> None:
        super().__init__(convert_charrefs=False)
        self._seen = seen
        self._at = 0

    def parse_starttag(self, i: int) -> int:  # the parser's own method, wrapped to learn where it is
        self._at = i
        return super().parse_starttag(i)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "html" or any(name in LINKS for name, _ in attrs):
            text = self.get_starttag_text() or ""
            self._seen(self._at, self._at + len(text), tag, attrs)


@dataclass(slots=True)
class Rewriter:
    """Rewrites the pages of one site."""

    addresses: Addresses

    def rewrite(self, text: str, file: str) -> Rewritten:
        """Return a page as it stands in ``file`` of the folder."""
        edits: list[_Edit] = []
        done = Rewritten("", [], [])

        def seen(start: int, end: int, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            if tag == "html":
                edits.append(_Edit(end - 1, end, f' data-root="{to_root(file)}">'))
                return
            tag_text = text[start:end]
            for name, value in attributes:
                if name not in LINKS or value is None:
                    continue
                new = self._new(value, file, done)
                if new == value:
                    continue
                found = _ATTRIBUTES[name].search(tag_text)
                if found is None:
                    continue
                written = f'{name}="{escape(new)}"' if new is not None else 'data-needs="server"'
                edits.append(_Edit(start + found.start(), start + found.end(), written))

        parser = _Tags(seen)
        parser.feed(text)
        parser.close()
        done.text = _edited(text, edits)
        return done

    def _new(self, value: str, file: str, done: Rewritten) -> str | None:
        """Return what stands for an address on a page; nothing if it needs a server."""
        local = self.addresses.local(value)
        if local is None:
            return value
        place = self.addresses.place(local)
        if place.kind == "server":
            done.left_out.append(local)
            return None
        done.places.append(place)
        if place.file == file and place.fragment:
            return f"#{place.fragment}"
        return link_between(file, place.file, place.fragment)


def _edited(text: str, edits: list[_Edit]) -> str:
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        pieces += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*pieces, text[at:]])
