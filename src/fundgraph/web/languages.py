"""The languages of the interface: English as it stands in the templates, and a catalogue for each other language.

A template is English. For another language the same template is compiled once more, with each run of words between
tags, blanks and statements replaced by what ``words/<language>.toml`` has for it. So pages cost the same in every
language, and a template can be read and changed without a catalogue at hand; a test says what a catalogue lacks.
"""

from __future__ import annotations

import contextlib
import datetime
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from flask import Flask, Response, g, has_request_context, request
from flask.templating import Environment
from jinja2 import FileSystemBytecodeCache, Template
from jinja2.bccache import Bucket

DEFAULT = "en"
#: Language: what it calls itself.
LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch"}
COOKIE = "lang"
_YEAR = 365 * 24 * 3600
_MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember",
)  # fmt: skip

_JINJA = r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}"
_PIECES = re.compile(
    rf"<(?P<kept>pre|code|script|svg)\b.*?</(?P=kept)>|(?P<jinja>{_JINJA})"
    r"|(?P<tag></?[A-Za-z!](?:\{\{.*?\}\}|\{%.*?%\}|[^>{]|\{(?![{%]))*>)",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r'(?<=\s)(?:title|aria-label|placeholder)="([^"]*)"')
_BLANK = re.compile(_JINJA, re.DOTALL)
_LITERAL = re.compile(r'"([^"]*)"')
_WORD = re.compile(r"[^\W\d_]{2}")


@cache
def words(language: str) -> Mapping[str, str]:
    """Return the catalogue of a language: what stands in the pages in English, and what it is called there."""
    return {
        key: value
        for name, table in tables(language).items()
        if name not in ("scripts", "reconciliation")
        for key, value in table.items()
    }


@cache
def tables(language: str) -> Mapping[str, Mapping[str, str]]:
    """Return the catalogue of a language by where its words stand: ``templates``, ``code``, ``scripts``…"""
    if language == DEFAULT:
        return {}
    file = resources.files("fundgraph.web") / "words" / f"{language}.toml"
    return tomllib.loads(file.read_text("utf-8"))


def language() -> str:
    """Return the language of the request in hand: ``lang`` in the address, else the cookie, else Accept-Language."""
    if not has_request_context():
        return DEFAULT
    if "fundgraph_language" not in g:
        given = (request.args.get("lang", ""), request.cookies.get(COOKIE, ""))
        chosen = next((name for name in given if name in LANGUAGES), None)
        g.fundgraph_language = chosen or request.accept_languages.best_match(LANGUAGES, DEFAULT)
    found: str = g.fundgraph_language
    return found


def script_words() -> Mapping[str, str]:
    """Return what the scripts say, in the language of the request; they hold the English themselves."""
    return tables(language()).get("scripts", {})


def say(text: str) -> str:
    """Return words of the interface in the language of the request; as they are if the catalogue lacks them."""
    return words(language()).get(text, text)


def say_of(table: str, text: str) -> str:
    """Return words of one table of the catalogue in the language of the request; as they are if it lacks them."""
    return tables(language()).get(table, {}).get(text, text)


def runs(source: str) -> Iterator[str]:
    """Yield the runs of words of a template: what its catalogue needs.

    >>> list(runs('<p title="Take this">Of {{ n or "No" }} lines <code>x y</code></p>'))
    ['Take this', 'Of', 'No', 'lines']
    """
    found: list[str] = []

    def note(text: str) -> str:
        found.append(text)
        return text

    _each(source, note, lambda text: note(text.strip()))
    yield from found


def translate(source: str, catalogue: Mapping[str, str]) -> str:
    """Return a template with its words replaced.

    >>> translate('<p>Of {{ n or "not stated" }} lines </p>', {"lines": "Zeilen", "not stated": "keine Angabe"})
    '<p>Of {{ n or "keine Angabe" }} Zeilen </p>'
    """

    def literal(text: str) -> str:
        core = text.strip()
        return text.replace(core, catalogue.get(core, core), 1)

    return _each(source, lambda text: catalogue.get(text, text), literal)


def _is_said(text: str) -> bool:
    """Whether a literal of a template is for readers, and not a name in the code: it has a capital or a space."""
    return bool(_WORD.search(text)) and (text[0].isupper() or " " in text.strip())


def _each(source: str, run: Any, literal: Any) -> str:
    def text(part: str) -> str:
        core = part.strip()
        if not _WORD.search(core):
            return part
        start = part.index(core)
        return part[:start] + str(run(" ".join(core.split()))) + part[start + len(core) :]

    def between(part: str) -> str:
        done, at = [], 0
        for match in _BLANK.finditer(part):
            done += [text(part[at : match.start()]), code(match[0])]
            at = match.end()
        return "".join([*done, text(part[at:])])

    def code(part: str) -> str:
        return _LITERAL.sub(lambda match: f'"{literal(match[1])}"' if _is_said(match[1]) else match[0], part)

    def attribute(match: re.Match[str]) -> str:
        start, end = match.start(1) - match.start(), match.end(1) - match.start()
        return match[0][:start] + between(match[1]) + match[0][end:]

    done, at = [], 0
    for match in _PIECES.finditer(source):
        done.append(text(source[at : match.start()]))
        if match["jinja"]:
            done.append(code(match[0]))
        elif match["tag"]:
            done.append(_ATTRIBUTE.sub(attribute, match[0]))
        else:
            done.append(match[0])
        at = match.end()
    return "".join([*done, text(source[at:])])


class Translating(Environment):
    """Jinja's environment of the site, and one more for each other language, made when it is first asked for."""

    language = DEFAULT

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.others: dict[str, Translating] = {}

    def preprocess(self, source: str, name: str | None = None, filename: str | None = None) -> str:
        """Put the words of this environment's language in place of the English ones."""
        source = super().preprocess(source, name, filename)
        return source if self.language == DEFAULT else translate(source, words(self.language))

    def get_template(self, name: Any, parent: Any = None, globals: Any = None) -> Template:
        """Return a template in the language of the request."""
        wanted = language()
        if self.language != DEFAULT or wanted == DEFAULT:
            return super().get_template(name, parent, globals)
        other = self.others.get(wanted)
        if other is None:
            other = self.overlay(cache_size=400)
            other.language = wanted
            self.others[wanted] = other
        return other.get_template(name, parent, globals)


class Compiled(FileSystemBytecodeCache):
    """Templates as they were compiled, kept in a folder: compiling them takes longer than all else of a first page.

    What is kept holds for the same template, language and catalogue. A folder that cannot be written to keeps nothing.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__(str(directory), "%s.compiled")

    def get_bucket(self, environment: jinja2.Environment, name: str, filename: str | None, source: str) -> Bucket:
        """Return what is kept of a template, or room for it."""
        spoken = getattr(environment, "language", DEFAULT)
        said = "".join(f"{word}\0{words(spoken)[word]}\0" for word in words(spoken))
        return super().get_bucket(environment, f"{spoken}/{name}", filename, source + said)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template, if that is possible."""
        with contextlib.suppress(OSError):
            Path(self.directory).mkdir(parents=True, exist_ok=True)
            super().dump_bytecode(bucket)


def day(when: datetime.date) -> str:
    """Write a date with the name of its month."""
    if language() == "de":
        return f"{when.day}. {_MONTHS[when.month - 1]} {when.year}"
    return f"{when.day} {when:%B} {when.year}"


def other_languages() -> list[tuple[str, str, str]]:
    """Return code, name and address of this page in each language that it is not in."""
    given = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    return [
        (code, name, f"{request.path}?{urlencode([*given, ('lang', code)])}")
        for code, name in LANGUAGES.items()
        if code != language()
    ]


def install(app: Flask, compiled: Path | None = None) -> None:
    """Make the application speak the languages that there are; compiled templates are kept in a folder, if one is given."""
    app.jinja_environment = Translating
    app.jinja_options = {**app.jinja_options, "bytecode_cache": Compiled(compiled) if compiled else None}
    app.jinja_env.globals.update(
        say=say, language=language, other_languages=other_languages, script_words=script_words
    )
    app.jinja_env.filters["day"] = day
    app.after_request(label_language)


def label_language(response: Response) -> Response:
    """Say in which language a page is, that it depends on what was asked for, and remember a choice."""
    if response.mimetype != "text/html":
        return response
    response.headers["Content-Language"] = language()
    response.vary.update(("Accept-Language", "Cookie"))
    if request.args.get("lang") in LANGUAGES:
        response.set_cookie(COOKIE, language(), max_age=_YEAR, samesite="Lax", httponly=True)
        response.headers["Cache-Control"] = "private, no-cache"
    return response
