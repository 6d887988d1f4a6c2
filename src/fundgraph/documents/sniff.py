"""What a text is: its format, and the language it is written in."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from functools import lru_cache
from importlib import resources
from itertools import islice

from fundgraph.documents.csv_tree import DELIMITERS, rows

_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_HTML_TAG = re.compile(r"</(?:p|div|h[1-6]|li|ul|ol|table|tr|td|span|a|section|article|main|body)\s*>", re.I)
_MARKDOWN = re.compile(
    r"^(?:#{1,6}[ \t]+\S|[-*+][ \t]+\[|>[ \t]\S|```|\|.*\|[ \t]*$)|\]\((?:https?:|/|\.|#)[^)\s]{0,2000}+\)|(?<![\w*])\*\*[^*\s][^*\n]{0,200}\*\*(?![\w*])",
    re.M,
)
_MARKDOWN_START = re.compile(r"\s*#{1,6}[ \t]+[^\W\d]")
_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n.*?\n\1[ \t]*(?:\n|\Z)", re.S)
_JSON = re.compile(r"\s*(?:\[\s*)*+\{\s*(?:\"|\}\s*(?:\Z|[\]{,]))|\s*(?:\[\s*){20}")
_JSON_TOKENS = re.compile(r"(?:[\s\[\]{},:]|-?\d[\d.eE+-]*+|true|false|null|\"(?:[^\"\\]|\\.)*+(?:\"|\Z))++\Z")
_XML_START = re.compile(r"\s*(<\?xml\s|<(?!!)([A-Za-z_][\w.:-]*)(?=[\s>/]))", re.A)
_HTML_NAME = re.compile(
    r"(?:a|b|body|br|center|div|em|font|h[1-6r]|head|html|i|img|li|main|ol|p|pre|section|span|strong|t(?:able|body|d|r)|ul)$",
    re.I,
)
_YAML_LIST = re.compile(r"(?:(?:[^\S\n]*(?:#.*)?|---[ \t]*)\n)*+-[ \t]+[A-Za-z_][\w-]*:(?:[ \t]|\n)")
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 200_000


def format_of(text: str) -> str:
    """Tell ``html``, ``json``, ``jsonl``, ``xml``, ``yaml``, ``csv``, ``markdown`` or ``text`` by what the text is."""
    sample = text[:_SAMPLE]
    if _is_json(text):
        return "jsonl" if _is_json_lines(text) else "json"
    if _is_xml(text, sample):
        return "xml"
    if _HTML_START.match(sample) or len(_HTML_TAG.findall(sample)) >= 3:
        return "html"
    if _YAML_LIST.match(sample):
        return "yaml"
    if _FRONT_MATTER.match(sample) or _MARKDOWN_START.match(sample) or len(_MARKDOWN.findall(sample)) >= 2:
        return "markdown"
    return "csv" if _is_csv(sample) else "text"


def language_of(text: str) -> str | None:
    """Tell ``en`` or ``de`` by counting the commonest words of each; ``None`` if there are too few of either."""
    words: Counter[str] = Counter()
    for run, number in Counter(text[:_SAMPLE].lower().split()).items():
        for word in (run,) if run.isalpha() else _WORD.findall(run):
            words[word] += number
    counts = {language: sum(words[word] for word in known) for language, known in stop_words().items()}
    best, second = sorted(counts.values(), reverse=True)[:2]
    if best < 3 or best < second * 1.5:
        return None
    return max(counts, key=lambda language: counts[language])


@lru_cache(maxsize=1)
def stop_words() -> dict[str, frozenset[str]]:
    """The commonest words of each language that we tell apart, from ``stopwords.toml``."""
    source = resources.files("fundgraph.documents").joinpath("stopwords.toml").read_text(encoding="utf-8")
    return {language: frozenset(words["words"]) for language, words in tomllib.loads(source).items()}


def _is_json(text: str) -> bool:
    """Tell JSON by how it begins, so that what was cut off is an error and not a page."""
    if _JSON.match(text):
        return True
    if not text[:1000].lstrip().startswith(("{", "[")):
        return False
    if len(text) > _SAMPLE:
        return bool(_JSON_TOKENS.match(text[:5000].lstrip()))
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_json_lines(text: str) -> bool:
    """Tell JSON Lines: the first line is an object, and another object begins on a line after it."""
    first, _, rest = text.lstrip().partition("\n")
    return first.rstrip().endswith("}") and rest.lstrip().startswith("{")


def _is_xml(text: str, sample: str) -> bool:
    """Tell XML that is no web page: declared as such, or closed by the tag that opened it."""
    found = _XML_START.match(sample)
    if not found or _HTML_START.match(sample):
        return False
    if found.group(2) is None:
        return not re.search(r"<!doctype\s+html|<html\b", sample[:2000], re.I)
    name = found.group(2)
    return not _HTML_NAME.match(name) and text.rstrip()[-(len(name) + 40) :].rstrip().endswith(f"</{name}>")


def _is_csv(sample: str) -> bool:
    """Tell a table: most of the first rows have as many cells as the first, which reads as names."""
    for delimiter in DELIMITERS[:3]:
        every = rows(sample, delimiter)
        first = next(every, None)
        if first is None or len(first.cells) < 3:
            continue
        head = [first, *islice(every, 20)]
        if len(head) < 2 or sample[: head[0].start].strip():
            continue
        names = [cell.text.strip() for cell in head[0].cells]
        width = len(names)
        same = Counter(len(row.cells) for row in head[1:])[width]
        if same * 5 < 4 * len(head[1:]) or any(row.unclosed for row in head[:1]):
            continue
        if len(set(names)) == width and all(0 < len(name) <= 60 and " and " not in name for name in names):
            return True
    return False
