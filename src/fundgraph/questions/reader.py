"""Reads the files of canned queries, and says of a broken one what is wrong with it and on which line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from fundgraph.errors import QuestionError
from fundgraph.questions.question import BLANK, FORM, Parameter, Question, declared_prefixes, mask, values_lines
from fundgraph.terms import DATATYPES, KINDS, literal_value, render

VIEWS = ("table", "bar", "line", "timeline", "map", "network", "matrix")

#: The parser in C if PyYAML has it: ten times as fast.
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_HEADER_KEYS = ("summary", "description", "reading", "sentence", "tags", "view", "labels", "params")
_PARAM_KEYS = ("type", "label", "default", "optional", "example", "options")
#: The keys that may be said in other languages too: ``summary@de``.
_SAID = ("summary", "sentence", "description", "reading")
_TAGGED = re.compile(r"(\w+)@([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)")
_BOOLEANS = {"true": True, "false": False}
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_STAR = re.compile(r"\bSELECT\s+(?:DISTINCT\s+|REDUCED\s+)?\*", re.IGNORECASE)
_BRACES = re.compile(r"([{}])")
_VARIABLE = re.compile(r"[?$](\w+)")
_ORDER = re.compile(r"\bORDER\s+BY\b", re.IGNORECASE)


def load_questions(directory: Path) -> dict[str, Question]:
    """Return the canned queries of a folder by id, in the order of their ids.

    Raises :class:`QuestionError` with file and line for a file that is broken.
    """
    if not directory.is_dir():
        raise QuestionError("there is no folder of canned queries here", where=directory)
    return _sound({path.stem: load_question(path) for path in sorted(directory.glob("*.rq"))})


def read_questions(texts: Mapping[str, str], where: Path) -> dict[str, Question]:
    """Return canned queries by id, from their texts, which stand somewhere else than in a folder of their own."""
    return _sound({name: _Reader(where / f"{name}.rq", text).question() for name, text in sorted(texts.items())})


def _sound(questions: dict[str, Question]) -> dict[str, Question]:
    for question in questions.values():
        for parameter in question.params:
            options = parameter.options
            if isinstance(options, str) and options != "instances" and options not in questions:
                raise QuestionError(
                    f"parameter {parameter.name!r} takes its options from {options!r}, which is no canned query",
                    where=question.path,
                )
    return questions


def load_question(path: Path) -> Question:
    """Read one canned query. Raises :class:`QuestionError` with file and line if it is broken."""
    if not _ID.fullmatch(path.stem):
        raise QuestionError("the name of a canned query is made of small letters, digits and hyphens", where=path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"cannot be read: {error}", where=path) from error
    return _Reader(path, text).question()


class _Reader:
    """Reads one file; holds what the complaints need: the path, and which file line a header line is."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.text = text
        self.lines = text.split("\n")
        self.masked = mask(text)
        self.header_lines = [at for at, line in enumerate(self.lines, 1) if line.startswith("#+")]
        self.key_lines: dict[str, int] = {}

    def fail(self, what: str, line: int | None = None, allowed: Sequence[str] = ()) -> QuestionError:
        return QuestionError(what, where=self.path, line=line, allowed=allowed)

    def question(self) -> Question:
        header = self.header()
        labels = self.mapping(header.get("labels", {}), "labels")
        params = self.params(header)
        self.check_values(params)
        selected = set(_VARIABLE.findall(self.check_form()))
        for column in (*labels, *labels.values()):
            if column not in selected:
                raise self.fail(
                    f"'labels' speaks of a column {column!r} that is not selected", self.line_of("labels")
                )
        self.check_sentence(header["sentence"], params)
        words = self.words(header, params)
        return Question(
            id=self.path.stem,
            path=self.path,
            summary=header["summary"].strip(),
            description=header["description"].strip(),
            tags=tuple(header["tags"]),
            params=params,
            view=header.get("view", "table"),
            reading=header.get("reading", "").strip(),
            text=self.text,
            sentence=header["sentence"].strip(),
            labels=labels,
            words=words,
        )

    def words(self, header: Mapping[str, Any], params: Sequence[Parameter]) -> dict[str, dict[str, str]]:
        """Return what is said in other languages, by language and key; ``reading`` may be missing everywhere."""
        words: dict[str, dict[str, str]] = {}
        for tagged, text in header.items():
            if found := _TAGGED.fullmatch(tagged):
                if not isinstance(text, str) or not text.strip():
                    raise self.fail(f"{tagged!r} is a text", self.line_of(tagged))
                words.setdefault(found[2], {})[found[1]] = text.strip()
        for language, said in words.items():
            if "sentence" in said:
                self.check_sentence(said["sentence"], params, f"sentence@{language}")
        return words

    def header(self) -> dict[str, Any]:
        """Return the header, checked for the keys and the kinds of their values."""
        if not self.header_lines:
            raise self.fail("has no header: lines that begin with #+ and hold YAML", 1)
        source = "\n".join(self.lines[at - 1][2:].removeprefix(" ") for at in self.header_lines)
        try:
            loader = _LOADER(source)
            try:
                node = loader.get_single_node()
                header = None if node is None else loader.construct_document(node)
            finally:
                loader.dispose()
            self.note_lines(node)
        except yaml.MarkedYAMLError as error:
            at = error.problem_mark.line if error.problem_mark else 0
            raise self.fail(f"the header is not YAML: {error.problem}", self.header_line(at)) from error
        header = self.mapping(header, "the header", plain=False)
        for key in header:
            tagged = _TAGGED.fullmatch(key)
            if key not in _HEADER_KEYS and not (tagged and tagged[1] in _SAID):
                raise self.fail(f"there is no header key {key!r}", self.line_of(key), _HEADER_KEYS)
        for key in ("summary", "description", "sentence"):
            if not isinstance(header.get(key), str) or not header[key].strip():
                raise self.fail(f"the header needs {key!r}: a text", self.line_of(key))
        if not isinstance(header.get("reading", ""), str):
            raise self.fail("'reading' is a text", self.line_of("reading"))
        tags = header.get("tags")
        if not isinstance(tags, list) or not tags or not all(isinstance(tag, str) for tag in tags):
            raise self.fail("the header needs 'tags': a list of words", self.line_of("tags"))
        if header.get("view", "table") not in VIEWS:
            raise self.fail(f"there is no view {header['view']!r}", self.line_of("view"), VIEWS)
        return header

    def mapping(self, value: Any, what: str, *, plain: bool = True) -> dict[str, Any]:
        if not isinstance(value, dict) or (plain and not all(isinstance(v, str) for v in value.values())):
            raise self.fail(f"{what} is not a map of names to values", self.line_of(what))
        return value

    def header_line(self, at: int) -> int:
        """Return the line of the file that is a line of the header."""
        return self.header_lines[min(at, len(self.header_lines) - 1)]

    def note_lines(self, node: yaml.Node | None) -> None:
        """Note on which line each key stands: the header's own and those of the parameters."""
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self.key_lines.setdefault(str(key.value), self.header_line(key.start_mark.line))
                if key.value == "params":
                    self.note_lines(value)

    def line_of(self, key: str) -> int:
        """Return the line on which a key stands, the header's first if it stands nowhere."""
        return self.key_lines.get(key, self.header_lines[0])

    def params(self, header: Mapping[str, Any]) -> tuple[Parameter, ...]:
        declared = header.get("params", {})
        if not isinstance(declared, dict):
            raise self.fail("'params' is not a map of names to parameters", self.line_of("params"))
        return tuple(self.param(name, spec) for name, spec in declared.items())

    def param(self, name: str, spec: Any) -> Parameter:
        line = self.line_of(name)
        if not _NAME.fullmatch(name):
            raise self.fail(f"{name!r} is no name of a parameter", line)
        if not isinstance(spec, dict):
            raise self.fail(f"parameter {name!r} is not a map", line, _PARAM_KEYS)
        for key, value in spec.items():
            tagged = _TAGGED.fullmatch(key)
            if key not in _PARAM_KEYS and not (tagged and tagged[1] == "label"):
                raise self.fail(f"a parameter has no {key!r}", line, _PARAM_KEYS)
            if key != "options" and not isinstance(value, str):
                raise self.fail(f"{key!r} of parameter {name!r} is not a single value", line)
        if "label" not in spec or "example" not in spec:
            raise self.fail(f"parameter {name!r} needs a label and an example", line)
        types = (*KINDS, *DATATYPES)
        if spec.get("type") not in types:
            raise self.fail(f"parameter {name!r} is of the unknown type {spec.get('type')!r}", line, types)
        if spec.get("optional", "false") not in _BOOLEANS:
            raise self.fail(f"'optional' of parameter {name!r} is true or false", line)
        options = spec.get("options")
        return Parameter(
            name=name,
            type=spec["type"],
            label=spec["label"],
            default=spec.get("default"),
            optional=_BOOLEANS[spec.get("optional", "false")],
            example=spec["example"],
            options=tuple(options) if isinstance(options, list) else options,
            labels={found[2]: label for key, label in spec.items() if (found := _TAGGED.fullmatch(key))},
        )

    def check_values(self, params: Sequence[Parameter]) -> None:
        """Check that parameters and VALUES lines agree, down to the default."""
        by_name = {parameter.name: parameter for parameter in params}
        seen = set()
        prefixes = declared_prefixes(self.text)
        for name, start, end in values_lines(self.text):
            line = self.text.count("\n", 0, start) + 1
            parameter = by_name.get(name)
            if parameter is None and self.text[start:end].strip() == "UNDEF":
                continue
            if parameter is None:
                raise self.fail(f"VALUES ?{name} stands here, but the header declares no such parameter", line)
            seen.add(name)
            standing = self.text[start:end].strip()
            if parameter.default is None:
                if standing == "UNDEF" and not parameter.optional:
                    raise self.fail(f"VALUES ?{name} needs a term: the parameter is not optional", line)
                if standing == "UNDEF":
                    continue
            try:
                value = standing if parameter.is_thing else literal_value(parameter.type, standing)
                if parameter.is_thing and ":" not in standing:
                    raise ValueError(f"{standing} is neither an IRI nor a prefixed name")
                render(parameter.type, value, "", prefixes)
            except ValueError as error:
                raise self.fail(f"VALUES ?{name} does not hold a {parameter.type}: {error}", line) from error
            if parameter.default is not None and parameter.default != value:
                raise self.fail(
                    f"VALUES ?{name} holds {standing}, but the header's default is {parameter.default!r}", line
                )
        for name in by_name:
            if name not in seen:
                raise self.fail(f"there is no line VALUES ?{name} {{ … }}", self.line_of(name))

    def check_form(self) -> str:
        """Check that a SELECT names its columns and is put in order; return what stands before its pattern."""
        form = FORM.search(self.masked)
        if form is None:
            raise self.fail("holds no SELECT, ASK, CONSTRUCT or DESCRIBE", len(self.lines))
        star = _STAR.search(self.masked)
        if star:
            line = self.masked.count("\n", 0, star.start()) + 1
            raise self.fail("SELECT * stands here; a canned query names its columns", line)
        if form[1].upper() == "SELECT" and not _ORDER.search(_outermost(self.masked)):
            line = self.masked.count("\n", 0, form.start()) + 1
            raise self.fail("this SELECT has no ORDER BY; a canned query puts its rows in order", line)
        return self.masked[form.start() :].partition("{")[0]

    def check_sentence(self, sentence: str, params: Sequence[Parameter], key: str = "sentence") -> None:
        names = [parameter.name for parameter in params]
        for blank in BLANK.findall(sentence):
            if blank not in names:
                raise self.fail(f"the sentence has a blank {{{blank}}}", self.line_of(key), names)


def _outermost(masked: str) -> str:
    """Return what stands outside of all braces."""
    depth, kept = 0, []
    for piece in _BRACES.split(masked):
        depth += (piece == "{") - (piece == "}")
        if depth == 0:
            kept.append(piece)
    return "".join(kept)
