"""How to cite a release: as CITATION.cff, as BibTeX, and as a ``schema:Dataset``. Only what is known is said."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: Licences whose IRIs have a name in the SPDX list.
_SPDX = {
    "creativecommons.org/publicdomain/zero/1.0": "CC0-1.0",
    "creativecommons.org/licenses/by/4.0": "CC-BY-4.0",
    "creativecommons.org/licenses/by-sa/4.0": "CC-BY-SA-4.0",
    "creativecommons.org/licenses/by-nc/4.0": "CC-BY-NC-4.0",
    "opendatacommons.org/licenses/by/1-0": "ODC-By-1.0",
    "opendatacommons.org/licenses/odbl/1-0": "ODbL-1.0",
    "opendatacommons.org/licenses/pddl/1-0": "PDDL-1.0",
}
_ABOUT = (
    "Projects, people, roles, topics and funding phases of a research programme as a knowledge graph, each statement "
    "with the passage that it was read from or the rule that it was inferred by."
)


@dataclass(frozen=True, slots=True)
class Dump:
    """A file of the whole dataset: address, media type, and what the format is called."""

    address: str
    media_type: str
    name: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Cited:
    """A release to be cited: what its manifest says, and where it is served."""

    manifest: Mapping[str, Any]
    address: str
    """The page of the release."""

    @property
    def release(self) -> str:
        """The id of the release: the version of the dataset."""
        return str(self.manifest.get("release", ""))

    @property
    def iri(self) -> str:
        """The IRI of the release, the same wherever it is served."""
        return f"{self.manifest.get('base', '')}release/{self.release}"

    @property
    def date(self) -> str:
        """The day on which it was made."""
        return str(self.manifest.get("created", ""))[:10]

    @property
    def hash(self) -> str:
        """The SHA-256 of ``dataset.nq`` in its canonical form."""
        return str(self.manifest.get("hash", ""))

    @property
    def title(self) -> str:
        """What the dataset is called."""
        programme = self.manifest.get("programme", {})
        parts = [str(programme[key]) for key in ("number", "name") if programme.get(key)]
        return f"{' '.join(parts) or self.manifest.get('base', 'Dataset')}: the knowledge graph"

    @property
    def programme(self) -> str:
        """Whose data they are: the programme; no other authors are stated anywhere."""
        programme = self.manifest.get("programme", {})
        return str(programme.get("name") or self.manifest.get("base", "unknown"))

    @property
    def licence(self) -> str:
        """The IRI of the licence, as the programme states it; empty if it states none."""
        return str(self.manifest.get("programme", {}).get("licence") or "")


def spdx(licence: str) -> str:
    """Return the name that a licence has in the SPDX list, if it is one that we know.

    >>> spdx("https://creativecommons.org/publicdomain/zero/1.0/")
    'CC0-1.0'
    """
    return _SPDX.get(re.sub(r"^https?://(?:www\.)?", "", licence).rstrip("/"), "")


def cff(of: Cited) -> str:
    """Return a release as CITATION.cff 1.2.0."""
    quoted = json.dumps  # a string of JSON is one of YAML
    lines = [
        "cff-version: 1.2.0",
        "type: dataset",
        f"message: {quoted('If you use these data, cite the release that you used.')}",
        f"title: {quoted(of.title, ensure_ascii=False)}",
        f"abstract: {quoted(_ABOUT)}",
        "authors:",
        f"  - name: {quoted(of.programme, ensure_ascii=False)}",
        f"version: {quoted(of.release)}",
        f"date-released: {quoted(of.date)}",
        f"url: {quoted(of.address)}",
        "identifiers:",
        "  - type: url",
        f"    value: {quoted(of.iri)}",
        "    description: the IRI of this release",
        "  - type: other",
        f"    value: {quoted('sha256:' + of.hash)}",
        "    description: SHA-256 of dataset.nq, its canonical form (RDFC-1.0)",
    ]
    if of.licence:
        known = spdx(of.licence)
        lines.append(f"license: {known}" if known else f"license-url: {quoted(of.licence)}")
    return "\n".join(lines) + "\n"


def bibtex(of: Cited) -> str:
    """Return a release as an entry for BibTeX."""
    note = f"Release {of.release}, SHA-256 {of.hash}"
    fields = {
        "title": f"{{{plain(of.title)}}}", "author": f"{{{plain(of.programme)}}}", "year": of.date[:4],
        "howpublished": "Dataset", "version": plain(of.release), "note": plain(note), "url": of.address,
    }  # fmt: skip
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{plain(of.release)},", *lines, "}"]) + "\n"


def plain(text: str) -> str:
    """Return a text with what TeX would read as a command written out."""
    return re.sub(r"([&%$#_{}])", r"\\\1", text.replace("\\", "/"))


def schema_dataset(of: Cited, dumps: Sequence[Dump], *, described_at: str = "") -> dict[str, Any]:
    """Return a release as a ``schema:Dataset``."""
    downloads = []
    for dump in dumps:
        one = {
            "@type": "DataDownload",
            "name": dump.name,
            "encodingFormat": dump.media_type,
            "contentUrl": dump.address,
        }
        downloads.append(one | ({"sha256": dump.sha256} if dump.sha256 else {}))
    members: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": of.iri,
        "name": of.title,
        "description": _ABOUT,
        "url": of.address,
        "version": of.release,
        "dateModified": of.manifest.get("created"),
        "datePublished": of.date,
        "license": of.licence,
        "identifier": [
            of.iri,
            {"@type": "PropertyValue", "propertyID": "SHA-256 of dataset.nq (RDFC-1.0)", "value": of.hash},
        ],
        "creator": {"@type": "ResearchProject", "name": of.programme},
        "keywords": [word for word in (of.manifest.get("programme", {}).get("number"),) if word],
        "isPartOf": {"@type": "Dataset", "@id": f"{of.manifest.get('base', '')}dataset", "name": of.title, "description": _ABOUT},
        "distribution": downloads,
        "subjectOf": {"@type": "DataCatalog", "url": described_at} if described_at else None,
    }  # fmt: skip
    return {name: value for name, value in members.items() if value}
