"""What a text is: its format, and the language it is written in."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from functools import lru_cache
from importlib import resources

_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_HTML_TAG = re.compile(r"</(?:p|div|h[1-6]|li|ul|ol|table|tr|td|span|a|section|article|main|body)\s*>", re.I)
_MARKDOWN = re.compile(
    r"^(?:#{1,6}[ \t]+\S|[-*+][ \t]+\[|>[ \t]\S|```|\|.*\|[ \t]*$)|\]\((?:https?:|/|\.|#)[^)\s]*\)|(?<![\w*])\*\*[^*\s][^*\n]{0,200}\*\*(?![\w*])", re.M
)
_MARKDOWN_START = re.compile(r"\s*#{1,6}[ \t]+[^\W\d]")
_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n.*?\n\1[ \t]*(?:\n|\Z)", re.S)
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 200_000


def format_of(text: str) -> str:
    """Tell ``html``, ``json``, ``csv``, ``markdown`` or ``text`` by what the text is, not by the file's name."""
    sample = text[:_SAMPLE]
    if _HTML_START.match(sample) or len(_HTML_TAG.findall(sample)) >= 3:
        return "html"
    if _is_json(text):
        return "json"
    if _FRONT_MATTER.match(sample) or _MARKDOWN_START.match(sample) or len(_MARKDOWN.findall(sample)) >= 2:
        return "markdown"
    return "csv" if _is_csv(sample) else "text"


def language_of(text: str) -> str | None:
    """Tell ``en`` or ``de`` by counting the commonest words of each; ``None`` if there are too few of either."""
    counts = dict.fromkeys(stop_words(), 0)
    for word in _WORD.findall(text[:_SAMPLE].lower()):
        for language, known in stop_words().items():
            counts[language] += word in known
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
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_csv(sample: str) -> bool:
    """Tell a table: every one of the first rows has the same number of cells, and the first row reads as names."""
    lines = sample.split("\n")
    head = [line for line in lines[:21] if line.strip()][:20]
    if len(head) < 2 or len(head) < len([line for line in lines[:20] if line]) or not "".join(lines[:2]).strip():
        return False
    for delimiter, least in ((";", 3), ("\t", 3), (",", 3)):
        try:
            rows = list(csv.reader(head, delimiter=delimiter, strict=False))
        except csv.Error:
            continue
        width = len(rows[0])
        names = [cell.strip() for cell in rows[0]]
        if width < least or any(len(row) != width for row in rows[1:-1] or rows[1:]):
            continue
        if len(set(names)) == width and all(0 < len(name) <= 60 and " and " not in name for name in names):
            return True
    return False
