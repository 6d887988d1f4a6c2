"""Where an address of the site stands in a folder of files: which file, which fragment, or that it needs a server.

Pure text: nothing is read or asked here. Every link of every page goes through :meth:`Addresses.place`.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from fundgraph.terms import FG, term

#: Kinds of things that have a page of their own; what else is below the base is described in the browser. There are
#: several times as many of the plain ones, and all that is said of them stands on the pages of the others.
PAGE_KINDS = ("project", "person", "topic", "phase", "organisation", "publication")
PLAIN_KINDS = ("participation", "assignment", "identifier", "claim", "finding", "activity")
LISTS = ("/projects", "/people", "/organisations", "/publications")
#: Things are written in these formats; a server writes the others too.
FILES = ("ttl", "jsonld")
RDF_SUFFIXES = ("ttl", "jsonld", "nt", "rdf")
#: What is no page whatever its address, besides data of things.
_OTHER = ("atom", "bib", "cff", "csv", "json", "txt", "xml")
#: A percent sign of an IRI that was escaped once more for an address.
_TWICE = re.compile(r"%25(?=[0-9A-Fa-f]{2})")
#: What only a server can do.
_SERVER = (
    "/update", "/graph-store", "/links/review", "/reconcile", "/jobs", "/healthz", "/readyz", "/metrics",
    "/openapi.json", "/releases/", "/orcid/", "/ror/", "/gepris/",
)  # fmt: skip
#: Stands for the root of a site whose address is not known; no file may hold it.
NAMELESS = "https://nameless.invalid"
#: So many rows of a list stand on one page.
ROWS = 1000
#: No name of a file or folder is longer than this, in bytes.
_LONGEST = 200
_SAFE = "-._~!$&'()*+,;=:@/"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address leads.

    ``kind`` is ``page`` (an HTML file that is asked of the application at ``ask``), ``file`` (any other file of it),
    ``made`` (a file that is made otherwise), ``why`` (the explanation of the statement that ``ask`` names), or
    ``server`` (nowhere without a server).
    """

    kind: str
    file: str = ""
    fragment: str = ""
    ask: str = ""


@dataclass
class Addresses:
    """The addresses of one site: the base of its IRIs, and the roots under which it calls itself."""

    base: str
    root: str
    """Scheme and host that stand for this site in what the application writes."""
    pages: frozenset[str] = frozenset()
    """The parts of an address that begin the address of a page: ``projects``, ``ontology``…"""
    prefixes: Mapping[str, str] = field(default_factory=dict)
    _known: dict[str, Place] = field(default_factory=dict)

    @property
    def is_nameless(self) -> bool:
        """Whether nobody said where the site will be: then it calls itself by relative links only."""
        return self.root == NAMELESS

    def place(self, address: str) -> Place:
        """Return where an address of this site, that begins with a slash, leads."""
        found = self._known.get(address)
        if found is None:
            found = self._known[address] = self._place(address)
        return found

    def local(self, link: str) -> str | None:
        """Return a link as an address of this site, if it is one: ``/people``; not one within its own page."""
        if link.startswith(self.root):
            link = link[len(self.root) :] or "/"
        return link if link.startswith("/") and not link.startswith("//") else None

    def _place(self, address: str) -> Place:
        parts = urlsplit(address)
        given = {name: value for name, value in parse_qsl(parts.query) if name != "lang"}
        path, fragment = _TWICE.sub("%", parts.path), parts.fragment
        if path.startswith(("/static/", "/offline/")):
            return Place("made", path[1:], fragment)
        if path.startswith(_SERVER):
            return Place("server")
        special = self._special(path, given)
        if special is not None:
            return special if not fragment else Place(special.kind, special.file, fragment, special.ask)
        if given:
            return Place("server")
        return self._plain(path, fragment)

    def _special(self, path: str, given: dict[str, str]) -> Place | None:
        """Return the place of an address whose meaning lies in its parameters, or that has no page on a server."""
        if path in ("/explain", "/editor", "/describe", "/search"):
            return self._asking(path, given)
        if path in LISTS:
            return _of_list(path, given)
        if path == "/network":
            return _of_network(given)
        if path == "/phases/compare" and given.keys() == {"a", "b"}:
            return _page(f"phases/compare/{given['a']}-{given['b']}", f"{path}?{urlencode(given)}")
        if path == "/links" and given.keys() == {"set"}:
            return _page(f"links/{given['set']}", f"{path}?{urlencode(given)}")
        if path.startswith("/queries/") and given:
            return _of_question(path, given)
        if path.startswith("/downloads/dataset."):
            return Place("made", f"{path[1:]}.gz")
        if path in ("/void", "/.well-known/void", "/void.ttl"):
            return Place("file", "void.ttl", "", "/void.ttl")
        if path in ("/queries.json", "/queries.ttl"):
            return Place("file", path[1:], "", path)
        return None

    def _asking(self, path: str, given: dict[str, str]) -> Place:
        if path == "/explain" and given.keys() >= {"s", "p", "o"}:
            return self.why(given["s"], given["p"], given["o"])
        if path == "/editor":
            return Place("page", "sparql/index.html", urlencode(given, safe="/"), "/sparql")
        if path == "/describe" and "iri" in given:
            return self.described(given["iri"])
        if path == "/search":
            return Place("page", "search/index.html", urlencode(given), path)
        return Place("server") if given else _page(path[1:], path)

    def described(self, iri: str) -> Place:
        """Return where an IRI is described: at its page if it has one, else in the browser."""
        if iri.startswith(self.base):
            local = iri[len(self.base) :]
            if local.partition("/")[0] in (*PAGE_KINDS, "document", "documents", "programme") and "#" not in local:
                return self._plain(f"/{local}", "")
        if iri.startswith(FG):
            return Place("page", "ontology/index.html", iri[len(FG) :], "/ontology")
        return Place("page", "describe/index.html", urlencode({"iri": iri}), "/describe")

    def why(self, subject: str, predicate: str, object_: str) -> Place:
        """Return where a statement is explained: by a script, from its mark; ``ask`` has its terms as JSON.

        The terms are those of the parameters of ``/explain``.
        """
        statement = tuple(term(value, self.prefixes) for value in (subject, predicate, object_))
        return self.reason(statement)

    def reason(self, statement: tuple[str, ...]) -> Place:
        """Return where a statement is explained, its terms written as N-Triples writes them."""
        return Place("why", "why/index.html", f"s={self.mark(statement)}", json.dumps(statement))

    @staticmethod
    def mark(statement: Sequence[str]) -> str:
        """Return the short name of a statement."""
        return hashlib.sha256("\0".join(statement).encode()).hexdigest()[:10]

    def _plain(self, path: str, fragment: str) -> Place:
        """Return the place of an address without parameters."""
        first, name = path[1:].partition("/")[0], posixpath.basename(path)
        suffix = name.rpartition(".")[2] if "." in name else ""
        if suffix in RDF_SUFFIXES and path.startswith("/ontology."):
            return Place("made", path[1:], fragment) if suffix in FILES else Place("server")
        if suffix in FILES:
            return Place("file", file_of(path), fragment, path)
        if first in PLAIN_KINDS:
            return self.described(self.base + path[1:])
        if suffix in RDF_SUFFIXES and first in (*PAGE_KINDS, *PLAIN_KINDS, "document", "programme"):
            return Place("server")
        if first == "document":  # the IRI of a source leads on to its page
            path = "/documents" + path[len("/document") :]
            return _page(path[1:], path, fragment)
        if first == "queries" and "." in posixpath.basename(path):
            return Place("file", file_of(path), fragment, path)
        if suffix in _OTHER and first in self.pages:
            return Place("file", file_of(path), fragment, path)
        if first in self.pages or not first:
            return _page(path.strip("/"), path, fragment)
        return Place("page", "describe/index.html", urlencode({"iri": self.base + path[1:]}), "/describe")


def _page(path: str, ask: str, fragment: str = "") -> Place:
    return Place("page", file_of(f"{path}/index.html" if path else "index.html"), fragment, ask)


def _of_list(path: str, given: dict[str, str]) -> Place:
    """A list stands on pages of so many rows; what narrows it is for the script of its first page."""
    given.pop("limit", None)
    offset = given.pop("offset", "")
    if given:
        return Place("page", f"{path[1:]}/index.html", urlencode(given), f"{path}?limit={ROWS}")
    if offset and offset != "0":
        return _page(f"{path[1:]}/from-{int(offset) + 1}", f"{path}?limit={ROWS}&offset={offset}")
    return _page(path[1:], f"{path}?limit={ROWS}")


def _of_network(given: dict[str, str]) -> Place:
    """The networks and those of a phase are drawn; those of a topic, or by how much is shared, need a server."""
    if given.keys() & {"topic", "least"}:
        return Place("server")
    of = given.get("of", "people")
    by = given.get("by", "projects" if of == "people" else "people")
    name = "network" if of == "people" else f"network/projects-by-{by}"
    if "phase" in given:
        name += f"/phase-{given['phase']}"
    return _page(name, "/network" + (f"?{urlencode(given)}" if given else ""))


def _of_question(path: str, given: dict[str, str]) -> Place:
    """An answer to other parameters than the usual is for the script of the question's page."""
    name, dot, _ = path[len("/queries/") :].partition(".")
    if dot:
        return Place("server")
    return Place("page", f"queries/{name}/index.html", urlencode(given), path)


def file_of(path: str) -> str:
    """Return the file for the path of an address: percent signs undone, as every web server does before it looks.

    >>> file_of("/identifier/doi/10.1000%2Fxyz"), file_of("/topic/../x")
    ('identifier/doi/10.1000/xyz', 'topic/%2E%2E/x')
    """
    parts = []
    for part in unquote(path).split("/"):
        if not part:
            continue
        name = "".join(char if char >= " " and char not in "\\\x7f" else quote(char, safe="") for char in part)
        name = name.replace(".", "%2E") if name in (".", "..") else name
        encoded = name.encode("utf-8")
        if len(encoded) > _LONGEST:
            mark = hashlib.sha256(encoded).hexdigest()[:8]
            name = encoded[: _LONGEST - 9].decode("utf-8", "ignore") + f"~{mark}"
        parts.append(name)
    return "/".join(parts)


def link_between(from_file: str, to_file: str, fragment: str = "") -> str:
    """Return the relative link from a file to another; the empty fragment is none.

    >>> link_between("project/x/index.html", "people/index.html", "a")
    '../../people/index.html#a'
    >>> link_between("index.html", "index.html"), link_between("a/b.html", "a/c:d.html")
    ('index.html', './c:d.html')
    """
    here, there = _quoted(from_file), _quoted(to_file)
    same, last = 0, min(len(here), len(there)) - 1
    while same < last and here[same] == there[same]:
        same += 1
    relative = "../" * (len(here) - 1 - same) + "/".join(there[same:])
    if ":" in relative.partition("/")[0]:
        relative = f"./{relative}"
    return f"{relative}#{fragment}" if fragment else relative


@lru_cache(maxsize=1 << 14)
def _quoted(file: str) -> tuple[str, ...]:
    """Return the parts of a file's name as links write them."""
    return tuple(quote(file, safe=_SAFE).split("/"))


def to_root(file: str) -> str:
    """Return the relative link from a file to the top of the folder, with a slash at its end."""
    return "../" * file.count("/") or "./"
