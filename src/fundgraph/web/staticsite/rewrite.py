"""Make the links of a page relative, in place: every other byte is kept.

One pattern reads a page as the tokenizer of HTML does: comments, elements whose content is text, and tags with their
attributes, quoted or not. Python's parser does the same twenty times slower, and lxml's writes another tree of HTML 5
than it read. What this might miss is found afterwards: the checker reads each page with lxml, and a link that still begins
at the top of the host is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape

from fundgraph.web.staticsite.addresses import NAMELESS, Addresses, Place, link_between, to_root

_ATTRIBUTES = r"""(?:[^>"']|"[^"]*"|'[^']*')*"""
#: Start tags, and what holds no tags though it may look so.
_TAG = re.compile(
    rf"<!--.*?-->|<(?P<text>script|style|textarea|title)\b(?P<of_text>{_ATTRIBUTES})>.*?</(?P=text)\s*>"
    rf"|<(?P<tag>[a-z][a-z0-9]*)\b(?P<attributes>{_ATTRIBUTES})>",
    re.IGNORECASE | re.DOTALL,
)
#: The attributes that hold an address, and others to be passed over, so that nothing within a value is taken for a name.
_LINK = re.compile(r"""(?P<name>[^\s"'>/=]+)(?:\s*=\s*(?P<value>"[^"]*"|'[^']*'|[^\s"'>]+))?""", re.DOTALL)
LINKS = frozenset(("href", "src", "action"))
_ROOTED = re.compile(re.escape(NAMELESS) + r"(/[^\"'<>\s]*)?")
_MAY_LINK = re.compile(r"\b(?:href|src|action)\b", re.IGNORECASE)


@dataclass(slots=True)
class Rewritten:
    """A page with relative links: the places that they lead to, and those addresses that need a server."""

    text: str
    places: list[Place]
    left_out: list[str]


@dataclass(slots=True)
class Rewriter:
    """Rewrites the pages of one site."""

    addresses: Addresses

    def rewrite(self, text: str, file: str) -> Rewritten:
        """Return a page as it stands in ``file`` of the folder."""
        pieces: list[str] = []
        done = Rewritten("", [], [])
        at = 0
        for found in _TAG.finditer(text):
            group = "of_text" if found["text"] else "attributes"
            attributes = found[group]
            if not attributes:
                continue
            start = found.start(group)
            if found["tag"] == "html":
                pieces += [text[at : found.end() - 1], f' data-root="{to_root(file)}"']
                at = found.end() - 1
            elif _MAY_LINK.search(attributes):
                for one in _LINK.finditer(attributes):
                    name = one["name"].lower()
                    if name not in LINKS or one["value"] is None:
                        continue
                    value = unescape(one["value"].strip("\"'"))
                    new = self._new(value, file, done)
                    if new != value:
                        written = 'data-needs="server"' if new is None else f'{one["name"]}="{escape(new)}"'
                        pieces += [text[at : start + one.start()], written]
                        at = start + one.end()
        pieces.append(text[at:])
        done.text = "".join(pieces)
        if self.addresses.is_nameless:  # what machines read in a page may be relative to it, too
            done.text = _ROOTED.sub(lambda one: self._new(one[1] or "/", file, done) or "./", done.text)
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
