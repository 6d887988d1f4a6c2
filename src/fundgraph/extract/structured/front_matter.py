"""Front matter of Hugo and Jekyll collections: a file for each project and each person, people as files' names."""

from __future__ import annotations

import re
from pathlib import PurePath

from fundgraph.documents.tree import Record, Value, plain_key
from fundgraph.documents.yaml_tree import front_matter, read_toml, read_yaml
from fundgraph.errors import DocumentError
from fundgraph.extract.headings import read_heading, role_of
from fundgraph.extract.names import family_name
from fundgraph.extract.slugs import slug
from fundgraph.extract.sources import SourceSpec, person_spec, shared
from fundgraph.extract.structured.assembly import assemble
from fundgraph.extract.structured.coverage import with_coverage
from fundgraph.extract.structured.mapping import read_record
from fundgraph.extract.structured.members import members_of
from fundgraph.extract.structured.paths import first, follow
from fundgraph.extract.structured.raw import RawMember, RawRecord
from fundgraph.extract.structured.words import source_by_words
from fundgraph.model import Document, Extraction, Identifier, Mention, Participant, Person, ReadingOptions

_INDEX = frozenset({"index", "_index", "readme", "main"})
_MARKUP = re.compile(r"!\[[^\]]*\]\([^)]*\)|\{\{.*?\}\}|\{%.*?%\}|<!--.*?-->", re.S)


def read_front_matter(document: Document, options: ReadingOptions) -> Extraction | None:
    """Read a Markdown file whose front matter describes a project or a person; ``None`` for any other page."""
    found = front_matter(document.text)
    if found is None:
        return None
    kind, start, end, body = found
    try:
        read = read_yaml if kind == "yaml" else read_toml
        # Lines above keep the marks' lines right in an error's message.
        tree = read(document.text[start:end], document.path, start)
    except DocumentError as error:
        if not re.match(r"(?:\s*#.*\n|\s*\n)*[\w.\"\'-]+\s*[:=\]]", document.text[start:end]):
            return None  # Two rulers on a page, and no front matter.
        line = None if error.line is None else error.line + document.text.count("\n", 0, start)
        raise DocumentError(
            error.what, where=error.where, line=line, column=error.column, hint=error.hint
        ) from None
    root = tree.roots[0] if tree.roots else None
    if not isinstance(root, Record):
        return None
    if _is_person(root, document.path):
        person = _person(document, root)
        return with_coverage(person, tree, [(body, len(document.text))]) if person else None
    source = source_by_words(root, front_matter=True)
    if source is None or not _is_project(root, source, document.path):
        return None
    raw = read_record(root, source)
    if not raw.says_something:
        return None
    raw.start, raw.end = 0, len(document.text)
    if raw.abstract is None or raw.abstract.blank or len(_body(document, body)) > 3 * len(raw.abstract.text):
        raw.abstract = _body_value(document, body) or raw.abstract
    _resolve_here(root, raw)
    return with_coverage(assemble(document, [raw], tree.slips, options), tree, [(body, len(document.text))])


def _is_project(root: Record, source: SourceSpec, path: str) -> bool:
    """Tell whether front matter is a project's: by its folder, by what it says that it is, or by what only projects say."""
    folders = {plain_key(part) for part in PurePath(path).parts[:-1]}
    if folders & {plain_key(word) for word in shared("words")["project"]["folders"]}:
        return True
    kinds = {plain_key(word) for word in shared("words")["project"]["kinds"]}
    for key in ("type", "layout", "category", "categories", "collection", "schema"):
        for node in follow(root, (key,)):
            if isinstance(node, Value) and plain_key(node.text) in kinds:
                return True
    roles = [spec.role for spec in source.people if spec.role]
    fields = source.fields
    return bool(
        roles or fields["code"] or fields["acronym"] or fields["end"] or (fields["start"] and source.people)
    )


def _is_person(root: Record, path: str) -> bool:
    words = {plain_key(word) for word in shared("words")["person"]["words"]}
    keys = frozenset(root.entries)
    folders = {plain_key(part) for part in PurePath(path).parts[:-1]}
    named = keys & {"title", "name", "lastname", "familyname", "fullname"}
    if not named or keys & {"start", "end", "startdate", "enddate", "funding", "team", "members", "authors"}:
        return False
    here = bool(folders & {plain_key(word) for word in shared("words")["person"]["folders"]})
    return here or len(keys & words) >= 2 or "orcid" in keys


def _person(document: Document, root: Record) -> Extraction | None:
    spec = person_spec({"at": ".", "role_at": []})
    member = next(members_of(root, spec), None)
    if member is None:
        return None
    span = document.span(member.start, member.end)
    identifiers = [
        Identifier(one.scheme, one.value, document.span(one.start, one.end))
        for one in member.identifiers
        if one.problem is None
    ]
    names = dict.fromkeys([file_slug(document.path), *_given_slugs(root)])
    identifiers += [Identifier("file", name, span) for name in names]
    person = Person(
        slug(member.name) or "person", member.name, member.honorific, member.family or family_name(member.name),
        (member.name,), (), (), tuple(identifiers),
    )  # fmt: skip
    listed = Participant(
        person.id,
        person.name,
        person.honorific,
        member.role or (role_of(member.role_as_printed) if member.role_as_printed else None) or "participant",
        member.role_as_printed,
        False,
        None,
        member.note,
        member.affiliation,
        (Mention(member.printed, member.honorific, span, "field"),),
        tuple(one for one in identifiers if one.scheme != "file"),
    )
    return Extraction(document, None, None, (), (person,), (), (), members=(listed,))


def _given_slugs(root: Record) -> list[str]:
    found = [first(root, ((key,),)) for key in ("slug", "username", "id", "shortname", "authors")]
    return [
        value.text.strip() for value in found if value is not None and re.fullmatch(r"[\w-]+", value.text.strip())
    ]


def file_slug(path: str) -> str:
    """Return the name by which other files of a collection know this one.

    >>> file_slug("content/authors/jane-doe/_index.md"), file_slug("_people/jane-doe.md")
    ('jane-doe', 'jane-doe')
    """
    place = PurePath(path)
    stem = place.parent.name if place.stem.casefold() in _INDEX and place.parent.name else place.stem
    return stem.casefold()


def _body(document: Document, start: int) -> str:
    return document.text[start:].strip()


def _body_value(document: Document, start: int) -> Value | None:
    """Return the text below the front matter up to the first heading that is not an abstract's."""
    text = document.text
    position = start
    first_line: int | None = None
    last = start
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        line = text[position:end].strip()
        heading = re.match(r"#{1,6}\s+(.*)", line)
        if heading:
            named = read_heading(heading.group(1))
            if first_line is not None or named is None or named.kind != "abstract":
                break
        elif line and not _MARKUP.fullmatch(line):
            first_line = position if first_line is None else first_line
            last = end
        position = end + 1
    if first_line is None:
        return None
    said = _MARKUP.sub("", text[first_line:last])
    said = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", said)
    return Value(said, first_line, last)


def _resolve_here(root: Record, raw: RawRecord) -> None:
    """Give people who stand as records with a file's name the name itself as their slug."""
    del root
    for member in raw.people:
        if member.slug is None and member.where == "field" and is_slug(member):
            member.slug, member.where = member.printed, "slug"


def is_slug(member: RawMember) -> bool:
    """Tell whether a name is a file's: small letters and hyphens."""
    return bool(re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)+", member.printed))
