"""Changes as sentences, in the languages of the interface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: So many names stand in a sentence; the others are counted.
MOST_NAMES = 5

#: Kind of a change: in each language the sentence for one, and for several. The kinds are told in this order.
SENTENCES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "corrected": {
        "en": ("{before} was corrected to {after}", ""),
        "de": ("{before} wurde berichtigt zu {after}", ""),
    },
    "renamed": {
        "en": ("{before} is now called {after}", ""),
        "de": ("{before} heißt jetzt {after}", ""),
    },
    "phases-added": {
        "en": ("{n} funding phase was added: {names}", "{n} funding phases were added: {names}"),
        "de": ("{n} Förderphase kam hinzu: {names}", "{n} Förderphasen kamen hinzu: {names}"),
    },
    "phases-removed": {
        "en": ("{n} funding phase is gone: {names}", "{n} funding phases are gone: {names}"),
        "de": ("{n} Förderphase fehlt jetzt: {names}", "{n} Förderphasen fehlen jetzt: {names}"),
    },
    "documents-added": {
        "en": ("{n} document was added: {names}", "{n} documents were added: {names}"),
        "de": ("{n} Dokument kam hinzu: {names}", "{n} Dokumente kamen hinzu: {names}"),
    },
    "documents-changed": {
        "en": ("{n} document was changed: {names}", "{n} documents were changed: {names}"),
        "de": ("{n} Dokument wurde geändert: {names}", "{n} Dokumente wurden geändert: {names}"),
    },
    "documents-removed": {
        "en": ("{n} document was removed: {names}", "{n} documents were removed: {names}"),
        "de": ("{n} Dokument wurde entfernt: {names}", "{n} Dokumente wurden entfernt: {names}"),
    },
    "projects-added": {
        "en": ("{n} project was added{in_where}: {names}", "{n} projects were added{in_where}: {names}"),
        "de": ("{n} Projekt kam hinzu{in_where}: {names}", "{n} Projekte kamen hinzu{in_where}: {names}"),
    },
    "projects-continued": {
        "en": ("{n} project now runs in {where} too: {names}", "{n} projects now run in {where} too: {names}"),
        "de": ("{n} Projekt läuft jetzt auch in {where}: {names}", "{n} Projekte laufen jetzt auch in {where}: {names}"),
    },
    "projects-removed": {
        "en": ("{n} project is gone{from_where}: {names}", "{n} projects are gone{from_where}: {names}"),
        "de": ("{n} Projekt fehlt jetzt{in_where}: {names}", "{n} Projekte fehlen jetzt{in_where}: {names}"),
    },
    "joined": {
        "en": ("{n} person joined{in_where}: {names}", "{n} people joined{in_where}: {names}"),
        "de": ("{n} Person kam hinzu{in_where}: {names}", "{n} Personen kamen hinzu{in_where}: {names}"),
    },
    "left": {
        "en": ("{n} person is gone{from_where}: {names}", "{n} people are gone{from_where}: {names}"),
        "de": ("{n} Person fehlt jetzt{in_where}: {names}", "{n} Personen fehlen jetzt{in_where}: {names}"),
    },
    "takes-part": {
        "en": ("{names} now takes part in {where}", "{names} now take part in {where}"),
        "de": ("{names} wirkt jetzt mit in {where}", "{names} wirken jetzt mit in {where}"),
    },
    "takes-part-no-more": {
        "en": ("{names} no longer takes part in {where}", "{names} no longer take part in {where}"),
        "de": ("{names} wirkt nicht mehr mit in {where}", "{names} wirken nicht mehr mit in {where}"),
    },
    "role": {
        "en": ("{names} is now {after} in {where}, no longer {before}", ""),
        "de": ("{names} ist jetzt {after} in {where}, nicht mehr {before}", ""),
    },
    "affiliated": {
        "en": ("{names} is now affiliated with {where}", "{names} are now affiliated with {where}"),
        "de": ("{names} gehört jetzt zu {where}", "{names} gehören jetzt zu {where}"),
    },
    "affiliated-no-more": {
        "en": ("{names} is no longer affiliated with {where}", "{names} are no longer affiliated with {where}"),
        "de": ("{names} gehört nicht mehr zu {where}", "{names} gehören nicht mehr zu {where}"),
    },
    "value": {
        "en": ("{what} of {where} changed from {before} to {after}", ""),
        "de": ("{what} von {where} änderte sich von {before} zu {after}", ""),
    },
    "value-added": {
        "en": ("{what} of {where} is now stated: {after}", ""),
        "de": ("{what} von {where} ist jetzt angegeben: {after}", ""),
    },
    "value-removed": {
        "en": ("{what} of {where} is no longer stated; it was {before}", ""),
        "de": ("{what} von {where} ist nicht mehr angegeben; bisher {before}", ""),
    },
    "values": {
        "en": ("", "{what} of {n} things changed: {names}"),
        "de": ("", "{what} von {n} änderte sich: {names}"),
    },
    "values-added": {
        "en": ("", "{what} of {n} things is now stated: {names}"),
        "de": ("", "{what} von {n} ist jetzt angegeben: {names}"),
    },
    "values-removed": {
        "en": ("", "{what} of {n} things is no longer stated: {names}"),
        "de": ("", "{what} von {n} ist nicht mehr angegeben: {names}"),
    },
    "text": {
        "en": ("{what} of {names} was changed", "{what} was changed of {n} things: {names}"),
        "de": ("{what} von {names} wurde geändert", "{what} wurde bei {n} geändert: {names}"),
    },
    "topics-assigned": {
        "en": ("{n} topic was assigned to a project: {names}", "{n} topics were assigned to projects: {names}"),
        "de": ("{n} Thema wurde einem Projekt zugeordnet: {names}", "{n} Themen wurden Projekten zugeordnet: {names}"),
    },
    "topics-withdrawn": {
        "en": ("{n} topic is no longer assigned: {names}", "{n} topics are no longer assigned: {names}"),
        "de": ("{n} Thema ist nicht mehr zugeordnet: {names}", "{n} Themen sind nicht mehr zugeordnet: {names}"),
    },
    "topics-added": {
        "en": ("{n} topic is new in the scheme: {names}", "{n} topics are new in the scheme: {names}"),
        "de": ("{n} Thema ist neu im Verzeichnis: {names}", "{n} Themen sind neu im Verzeichnis: {names}"),
    },
    "topics-removed": {
        "en": ("{n} topic left the scheme: {names}", "{n} topics left the scheme: {names}"),
        "de": ("{n} Thema steht nicht mehr im Verzeichnis: {names}", "{n} Themen stehen nicht mehr im Verzeichnis: {names}"),
    },
    "publications-added": {
        "en": ("{n} publication was added: {names}", "{n} publications were added: {names}"),
        "de": ("{n} Veröffentlichung kam hinzu: {names}", "{n} Veröffentlichungen kamen hinzu: {names}"),
    },
    "publications-removed": {
        "en": ("{n} publication is gone: {names}", "{n} publications are gone: {names}"),
        "de": ("{n} Veröffentlichung fehlt jetzt: {names}", "{n} Veröffentlichungen fehlen jetzt: {names}"),
    },
    "organisations-added": {
        "en": ("{n} organisation was added: {names}", "{n} organisations were added: {names}"),
        "de": ("{n} Organisation kam hinzu: {names}", "{n} Organisationen kamen hinzu: {names}"),
    },
    "organisations-removed": {
        "en": ("{n} organisation is gone: {names}", "{n} organisations are gone: {names}"),
        "de": ("{n} Organisation fehlt jetzt: {names}", "{n} Organisationen fehlen jetzt: {names}"),
    },
    "identifiers-added": {
        "en": ("{n} identifier was added: {names}", "{n} identifiers were added: {names}"),
        "de": ("{n} Kennung kam hinzu: {names}", "{n} Kennungen kamen hinzu: {names}"),
    },
    "identifiers-removed": {
        "en": ("{n} identifier was removed: {names}", "{n} identifiers were removed: {names}"),
        "de": ("{n} Kennung wurde entfernt: {names}", "{n} Kennungen wurden entfernt: {names}"),
    },
    "links-added": {
        "en": ("{n} link was added in the set {where}", "{n} links were added in the set {where}"),
        "de": ("{n} Verknüpfung kam hinzu in der Menge {where}", "{n} Verknüpfungen kamen hinzu in der Menge {where}"),
    },
    "links-removed": {
        "en": ("{n} link was removed from the set {where}", "{n} links were removed from the set {where}"),
        "de": ("{n} Verknüpfung wurde entfernt aus der Menge {where}", "{n} Verknüpfungen wurden entfernt aus der Menge {where}"),
    },
    "findings-resolved": {
        "en": ("{n} finding was resolved: {names}", "{n} findings were resolved: {names}"),
        "de": ("{n} Befund ist behoben: {names}", "{n} Befunde sind behoben: {names}"),
    },
    "findings-new": {
        "en": ("{n} finding is new: {names}", "{n} findings are new: {names}"),
        "de": ("{n} Befund ist neu: {names}", "{n} Befunde sind neu: {names}"),
    },
    "claims-agree": {
        "en": ("{n} figure of a source now agrees with what was counted: {names}", "{n} figures of a source now agree with what was counted: {names}"),
        "de": ("{n} Angabe einer Quelle stimmt jetzt mit der Zählung überein: {names}", "{n} Angaben einer Quelle stimmen jetzt mit der Zählung überein: {names}"),
    },
    "claims-disagree": {
        "en": ("{n} figure of a source no longer agrees with what was counted: {names}", "{n} figures of a source no longer agree with what was counted: {names}"),
        "de": ("{n} Angabe einer Quelle stimmt nicht mehr mit der Zählung überein: {names}", "{n} Angaben einer Quelle stimmen nicht mehr mit der Zählung überein: {names}"),
    },
    "validation": {
        "en": ("SHACL: {what} went from {before} to {after}", ""),
        "de": ("SHACL: {what} von {before} auf {after}", ""),
    },
    "ontology": {
        "en": ("The ontology changed by {n} statement", "The ontology changed by {n} statements"),
        "de": ("Die Ontologie änderte sich um {n} Aussage", "Die Ontologie änderte sich um {n} Aussagen"),
    },
    "questions": {
        "en": ("{n} canned query was changed: {names}", "{n} canned queries were changed: {names}"),
        "de": ("{n} vorbereitete Abfrage wurde geändert: {names}", "{n} vorbereitete Abfragen wurden geändert: {names}"),
    },
    "version": {
        "en": ("It was made by {what} {after} instead of {before}", ""),
        "de": ("Erstellt mit {what} {after} statt {before}", ""),
    },
    "too-many": {
        "en": ("{n} thing changed, too many to be told one by one", "{n} things changed, too many to be told one by one"),
        "de": ("{n} Ding änderte sich, zu viele für einzelne Sätze", "{n} Dinge änderten sich, zu viele für einzelne Sätze"),
    },
    "minor": {
        "en": ("{n} other statement changed, such as places in sources", "{n} other statements changed, such as places in sources"),
        "de": ("{n} andere Aussage änderte sich, etwa Stellen in Quellen", "{n} andere Aussagen änderten sich, etwa Stellen in Quellen"),
    },
    "nothing": {
        "en": ("Nothing changed", ""),
        "de": ("Nichts änderte sich", ""),
    },
}  # fmt: skip

#: What stands for ``what`` in a sentence, in German.
_GERMAN = {
    "the code": "das Kürzel", "the acronym": "das Akronym", "the kind": "die Art", "the start": "der Beginn",
    "the end": "das Ende", "the year": "das Jahr", "the title before the name": "der Titel vor dem Namen",
    "the abstract": "die Zusammenfassung", "the definition": "die Definition",
    "the homepage": "die Webseite", "errors": "Fehler", "warnings": "Warnungen", "notes": "Hinweise",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """Something that changed: how often, what it is about, where, and from what to what."""

    kind: str
    count: int = 1
    names: tuple[str, ...] = ()
    iris: tuple[str, ...] = ()
    what: str = ""
    where: str = ""
    before: str = ""
    after: str = ""

    def text(self, language: str = "en") -> str:
        """Say it in a sentence, with no full stop."""
        forms = SENTENCES[self.kind]
        form = forms.get(language, forms["en"])
        template = form[1] if self.count != 1 and form[1] else form[0]
        german = language == "de"
        what = _GERMAN.get(self.what, self.what) if german else self.what
        said = template.format(
            n=self.count,
            names=_listed(self.names, german=german),
            what=what,
            where=self.where,
            in_where=f" in {self.where}" if self.where else "",
            from_where=f" from {self.where}" if self.where else "",
            before=self.before,
            after=self.after,
        ).removesuffix(": ")
        return said if template[:1] == "{" and not template.startswith("{what") else said[:1].upper() + said[1:]

    def to_jsonable(self) -> dict[str, Any]:
        """Return it as JSON, with its sentence in English."""
        members = {
            "what": self.what, "where": self.where, "before": self.before, "after": self.after,
            "names": list(self.names), "iris": list(self.iris),
        }  # fmt: skip
        return {"kind": self.kind, "text": self.text(), "count": self.count} | {
            key: value for key, value in members.items() if value
        }

    @classmethod
    def from_jsonable(cls, data: Mapping[str, Any]) -> Change:
        """Return what :meth:`to_jsonable` wrote."""
        given = {key: value for key, value in data.items() if key != "text"}
        for key in ("names", "iris"):
            given[key] = tuple(given.get(key, ()))
        return cls(**given)


def _listed(names: tuple[str, ...], *, german: bool) -> str:
    shown = list(names[:MOST_NAMES])
    left = len(names) - len(shown)
    if left:
        shown.append(f"{left} weitere" if german else f"{left} more")
    if len(shown) < 2:
        return "".join(shown)
    word = "und" if german else "and"
    return f"{', '.join(shown[:-1])} {word} {shown[-1]}"
