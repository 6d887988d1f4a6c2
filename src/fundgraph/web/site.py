"""What every page knows: the release, the programme, how IRIs become paths, and which pages there are."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import current_app, g, request
from markupsafe import Markup

from fundgraph.kg import KnowledgeGraph
from fundgraph.questions import Question
from fundgraph.terms import FG
from fundgraph.web.context import context, mount, public_root, site_root
from fundgraph.web.languages import language, say
from fundgraph.web.panels import Item, Mark, Panel, Panels, gather, panel_text, read_marks

_PANELS = "fundgraph.panels"

#: The pages in the bar at the top: path, name.
NAVIGATION = (
    ("/projects", "Projects"), ("/people", "People"), ("/topics", "Topics"), ("/phases", "Phases"),
    ("/organisations", "Organisations"), ("/network", "Network"), ("/queries", "Ask"), ("/sparql", "Query"),
)  # fmt: skip


class Vocabulary:
    """A namespace for templates: ``fg.hasTopic`` is the IRI, as plain text."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace

    def __getattr__(self, name: str) -> str:
        return self._namespace + name


@dataclass(frozen=True)
class Site:
    """One release of one programme's graph, as its pages see it."""

    kg: KnowledgeGraph
    panels: Panels
    cut: list[str] = field(default_factory=list)
    """The panels of the page in hand whose answers were cut at the limit of rows."""

    @property
    def base(self) -> str:
        """The base of the dataset's IRIs."""
        return str(self.kg.base)

    @property
    def release(self) -> str:
        """The id of the release that the pages show."""
        return str(self.kg.release)

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The facts of the release."""
        manifest: Mapping[str, Any] = self.kg.manifest
        return manifest

    @property
    def programme(self) -> str:
        """The programme's name, or the base of the IRIs if the release does not tell."""
        return str(self.manifest.get("programme", {}).get("name") or self.base)

    @property
    def number(self) -> str:
        """The programme's number, such as ``SPP 2298``; its name if it has none."""
        return str(self.manifest.get("programme", {}).get("number") or self.programme)

    @property
    def created(self) -> datetime.datetime | None:
        """When the release was made."""
        created = self.manifest.get("created")
        return None if created is None else datetime.datetime.fromisoformat(str(created))

    @property
    def navigation(self) -> list[tuple[str, str, bool]]:
        """Path, name, and whether it is the page in view; only pages that exist."""
        return [(path, say(name), request.path == path) for path, name in NAVIGATION if self.has(path)]

    @property
    def static(self) -> bool:
        """Whether these are pages of a folder of files, which ask nothing of a server."""
        return context().static

    @property
    def most_rows(self) -> int:
        """The most rows that one answer has."""
        return context().settings.max_rows

    @property
    def root(self) -> str:
        """Scheme and host under which the world reaches this site."""
        return public_root()

    @property
    def site_root(self) -> str:
        """Scheme and host of the site, whichever release is shown."""
        return site_root()

    @property
    def in_view(self) -> str:
        """The id of the release that is in view, if this is another one; else empty."""
        served = current_app.extensions["fundgraph"].kg.release
        return served if mount() and served != self.release else ""

    def has(self, path: str) -> bool:
        """Whether this site answers at a path without parameters."""
        rules = current_app.extensions.setdefault("fundgraph.rules", set())
        if not rules:
            rules.update(rule.rule for rule in current_app.url_map.iter_rules() if "GET" in (rule.methods or ()))
        return path in rules

    def panel(self, name: str, subject: str | None = None, most: int = 0, offset: int = 0) -> Panel:
        """Answer one panel's query, with no more rows than ``most`` if it is given; the template then says so."""
        panel = self.panels.run(self.kg, name, subject, most, offset)
        return panel if most else self._noted(panel)

    @staticmethod
    def panel_named(name: str) -> Panel:
        """Return a panel by name with no rows, to link to the query of a whole list."""
        return Panel(name, None, panel_text(name), ())

    def rows_of(self, name: str, iris: Iterable[str], subject: str | None = None) -> Panel:
        """Answer the query of a list for some of its things."""
        return self._noted(self.panels.run_only(self.kg, name, iris, subject))

    def _noted(self, panel: Panel) -> Panel:
        if panel.is_cut and panel.name not in self.cut:
            self.cut.append(panel.name)
        return panel

    def path(self, iri: str) -> str:
        """Return where an IRI is shown: below this site if it is ours, else its description here."""
        if iri.startswith(self.base):
            local = iri[len(self.base) :]
            if local.startswith("document/"):
                return "/documents/" + local[len("document/") :]
            if not local.startswith(("graph/", "topics")) or local == "topics":
                return "/" + quote(local, safe="/-._~#=,")
        if iri.startswith(FG):
            return "/ontology#" + iri[len(FG) :]
        return "/describe?" + urlencode({"iri": iri})

    def query_path(self, name: str, subject: str | None = None) -> str:
        """Return where a panel's query opens in the editor."""
        given = {} if subject is None else {"thing": subject.removeprefix(self.base)}
        return "/editor?" + urlencode({"panel": name} | given, safe="/")

    def short(self, iri: str) -> str:
        """Return an IRI as a prefixed name where a prefix fits, for people to read."""
        best = max(
            (p for p in self.prefixes.items() if iri.startswith(p[1])), key=lambda p: len(p[1]), default=None
        )
        return iri if best is None else f"{best[0]}:{iri[len(best[1]) :]}"

    @property
    def questions(self) -> list[Question]:
        """The canned queries, those with blanks to fill first."""
        return sorted(self.said_questions, key=lambda question: not question.params)

    @property
    def said_questions(self) -> list[Question]:
        """The canned queries by id, in the words of the reader's language."""
        return [question.said(language()) for question in self.kg.questions.values()]

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes of the snapshot."""
        return self.kg.prefixes

    def places(self, panel: Panel) -> dict[str, str]:
        """Map the documents that a panel names to their pages."""
        return {row["document"]: self.path(row["document"]) for row in panel.rows if row.get("document")}

    def gather(self, panel: Panel, key: str) -> list[Item]:
        """Gather a panel's rows by a column, with the marks of the lines they were read from."""
        return gather(panel, key, self.places(panel))

    def read_marks(self, panel: Panel) -> tuple[Mark, ...]:
        """Return the marks of all lines that a panel names."""
        return read_marks(panel.rows, self.places(panel))

    def at(self, where: str) -> tuple[Mark, ...]:
        """Return the mark of a place written as IRI of the document, ``#L`` and line; none for the empty text."""
        document, found, line = where.partition("#L")
        rows = [{"document": document, "line": line}] if found else []
        return read_marks(rows, {document: self.path(document)})

    def source(self, document: str) -> Mark:
        """Return the mark of a document that was read, as the source of what is said of it."""
        return Mark("read", document.rsplit("/", 1)[-1], self.path(document), say("the source itself"))

    def inferred(self, predicate: str, subject: str = "", object_: str = "") -> Mark:
        """Return the mark of an inferred statement; it leads to the proof, or to the property's definition."""
        name = self.short(predicate)
        href = self.path(predicate)
        if "://" in subject and ("://" in object_ or object_.startswith('"')) and self.has("/explain"):
            href = "/explain?" + urlencode({"s": subject, "p": predicate, "o": object_})
        return Mark("inferred", say("inferred"), href, say("inferred by the rules for {}").format(name))

    def proof(self, graph: str, subject: str, predicate: str, object_: str) -> Mark:
        """Return the mark of a statement of a graph that has no line: it leads to the statement's proof.

        ``object_`` is an IRI, or a literal in quotes.
        """
        name = graph.removeprefix(f"{self.base}graph/")
        if name == "inferred":
            return self.inferred(predicate, subject, object_)
        href = "/explain?" + urlencode({"s": subject, "p": predicate, "o": object_})
        kind, _, rest = name.partition("/")
        if kind == "document":
            return Mark("read", rest, href, say("read in {}").format(rest))
        if kind == "links":
            return Mark("linked", rest, href, say("said by an outside source"))
        return Mark(
            "stated", say("set down by hand"), href, say("set down by hand, with the programme or its topics")
        )

    @staticmethod
    def linked(source: str, confidence: str = "", note: str = "") -> Mark:
        """Return the mark of a statement that an outside source makes."""
        host = urlsplit(source).hostname
        words = say("said by an outside source") + (f", {say('confidence')} {confidence}" if confidence else "")
        if host is None:
            short = source if len(source) <= 28 else source[:27] + "…"
            return Mark("linked", short, "", words, " ".join(part for part in (source, note) if part))
        return Mark("linked", host.removeprefix("www."), source, words, note)

    def counted(self, name: str, subject: str | None = None) -> Mark:
        """Return the mark of a number that we counted; it leads to the query."""
        return Mark("counted", "counted", self.query_path(name, subject), say("counted by a query; see it"))


def the_site() -> Site:
    """Return the site of the request in hand."""
    if "fundgraph_site" not in g:
        panels = current_app.extensions.setdefault(_PANELS, Panels())
        g.fundgraph_site = Site(context().kg, panels)
    site: Site = g.fundgraph_site
    return site


def paragraphs(text: str) -> list[str]:
    """Split a text at its empty lines."""
    return [part.strip() for part in text.split("\n\n") if part.strip()]


def number(value: str | int) -> Markup:
    """Write a whole number with thin spaces between its thousands."""
    return Markup(f"{int(value):,}".replace(",", "&#8239;"))
