"""Where a record begins: a heading, a code on a line of its own, a short line with labels under it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from fundgraph.extract.codes import has_number, is_grant_kind, read_code, split_code
from fundgraph.extract.headings import read_heading, role_of
from fundgraph.extract.layouts.fields import Label, has_label_form, read_label
from fundgraph.extract.layouts.page import is_caption, is_furniture, is_placeholder
from fundgraph.extract.layouts.values import sure_names
from fundgraph.extract.names import looks_like_names, read_people
from fundgraph.extract.source import Line, Source, squeeze
from fundgraph.extract.words import first_word, first_words, word_list, word_set

LONGEST_TITLE = 350
LOOK_AHEAD = 30
EVIDENCE = frozenset(
    ("role", "people", "period", "start", "institution", "abstract", "code", "acronym", "officer")
)
_PART = re.compile(r"\s*[,;|:(]\s*|\s+[–—-]\s+")
_NUMBERED = re.compile(r"(\d{1,3})[.)]\s+(?=[^\W\d]|[\"“„«‘‚])")
_ENCLOSED = re.compile(r"([\"“„«»‘‚'])\s?([^\"“”„«»]{6,340}?)\s?[\"“”«»’‘']")
_SORT = re.compile(r"\s*\((?:Project|Projekt|Projet|Progetto|Proyecto|Projeto|Grant|Award)\)$")
"""What a list of results has behind titles for the kind of thing that they are."""
_SHORT = re.compile(r"(?=\w*[-\w]*[A-Z][-\w]*[A-Z])[^\W\d_][\w+-]{2,19}")
"""An acronym: one word with two capitals."""
_KICKER = re.compile(r"\s*[·|•/›»]\s*")
_PAGER = re.compile(
    r"(?:(?:seite|page)\s+\d+(?:\s+(?:von|of|/)\s*\d+)?|[\[«‹<]*\d{1,3}(?:[\s…«»‹›<>|.\[\]-]+\d{1,3})+[\s…«»‹›<>|.\[\]-]*(?:weiter|next|zurück|vor|letzte|last)?"
    r"|(?:treffer|results?|showing|ergebnisse|einträge|entries|displaying)\b.{0,60}\d.*|\d+\s+(?:treffer|results|ergebnisse)\b.{0,40}"
    r"|[^>»›\n]{1,60}(?:\s+[>»›]\s+[^>»›\n]{1,80}){2,8}"
    r"|(?:zurück|previous|prev|erste|first)\b[\s\d…«»‹›|]*(?:weiter|next|letzte|last)?(?:\s+(?:seite|page))?)",
    re.I,
)
_ADDRESS_LINE = re.compile(
    r"(?:https?://|www\.)\S+(?:\s+\([^()]*\))?$|={3,}.{0,200}={3,}$|-{3,}.{0,200}-{3,}$|\W+$"
)


_NOISE = [
    "seite",
    "page",
    "treffer",
    "result",
    "results",
    "showing",
    "ergebnisse",
    "einträge",
    "entries",
    "displaying",
    "zurück",
    "previous",
    "prev",
    "erste",
    "first",
    "http",
    "https",
    "www",
]
"""The words with which the patterns of noise begin; a number and a sign may stand there too."""


@dataclass(frozen=True, slots=True)
class Title:
    """A record's title; ``after`` is the index of the first line that is none of it."""

    text: str
    start: int
    end: int
    after: int
    code: str | None = None
    code_span: tuple[int, int] | None = None
    level: int = 9
    names_below: bool = False
    """Whether the line below is people, even with no title: a code says that this is a project."""
    above: tuple[int, int] | None = None
    """Where the kind of the grant stands, on the line above."""
    acronym: tuple[int, int] | None = None
    """Where the acronym stands, on a line of its own above or below the title."""


class Titles:
    """Finds titles among a source's lines."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.lines = source.lines
        self.marked = any(line.mark and line.mark.kind == "heading" for line in source.lines)

    def at(self, index: int, *, fresh: bool, calm: bool) -> Title | None:
        """Return the title that begins with this line.

        ``fresh`` says that no record is open or the open one has facts already, ``calm`` that the open one is not
        in the middle of its prose.
        """
        line = self.lines[index]
        if line.mark and line.mark.kind == "term":
            return self._of(index, index + 1) if self._is_term(index) else None
        if line.mark and line.mark.kind in {"row", "title", "caption", "value"}:
            return None
        coded = self._code_line(index)
        if coded:
            return coded
        if line.mark and line.mark.kind == "heading":
            return self._heading(index)
        if (
            line.mark
            and line.mark.kind == "strong"
            and fresh
            and is_title(line.text)
            and self._evidence(index + 1, 12)
        ):
            return self._of(index, index + 1)
        if not fresh:
            return None
        return self._block(index, calm)

    def _is_term(self, index: int) -> bool:
        """Tell whether a list's term is a title: its values are labels with theirs."""
        line, below = self.lines[index], self.lines[index + 1 : index + 2]
        if not below or below[0].mark is None or below[0].mark.kind != "value" or read_label(line.text):
            return False
        label = read_label(below[0].text)
        return is_title(line.text) and label is not None and label.rest is not None and evident(label)

    def under_kind(self, index: int) -> Title | None:
        """Return the title on the next line, if this one is the kind of a grant."""
        line = self.lines[index]
        if index + 1 >= len(self.lines) or not is_grant_kind(line.text):
            return None
        following = self.lines[index + 1]
        people = read_people(following.text, 0, len(following.text))
        if not is_title(following.text) or (people and people.titled) or following.number > line.number + 3:
            return None
        if read_label(following.text) or is_grant_kind(following.text):
            return None
        level = following.mark.level if following.mark and following.mark.kind == "heading" else 9
        title = self._of(index + 1, index + 2 if level < 9 else self._end_of_block(index + 1), level)
        return replace(title, above=(line.start, line.end))

    def _code_line(self, index: int) -> Title | None:
        """Read a code on its own line (perhaps with the funder's name), with the title on the next."""
        line = self.lines[index]
        code = code_alone(line.text)
        if code is None or index + 1 >= len(self.lines):
            return None
        following = self.lines[index + 1]
        label = read_label(following.text)
        if following.number > line.number + 4:
            return None
        if label is not None and label.kind == "title" and label.rest is not None:
            start = following.start + label.rest
            title = Title(squeeze(following.text[label.rest :]), start, following.end, index + 2)
        elif not is_title(following.text) or label:
            return None
        else:
            title = self._of(index + 1, self._end_of_block(index + 1))
        at = line.text.find(code)
        return Title(
            title.text, title.start, title.end, title.after, code, (line.start + at, line.start + at + len(code))
        )

    def _heading(self, index: int) -> Title | None:
        line = self.lines[index]
        level = line.mark.level if line.mark else 9
        if not is_title(line.text) or read_label(line.text) or read_heading(line.text):
            return None
        code, _ = read_code(line.text)
        if not code and not self._evidence(index + 1, LOOK_AHEAD, level):
            return None
        if self._is_short(index) and (below := self._long_title(index)):
            return below
        if not code and self._is_person(index):
            return None
        if code and self._is_area(index, level):
            return None
        return self._of(index, index + 1, level)

    def _is_short(self, index: int) -> bool:
        return _SHORT.fullmatch(self.lines[index].text) is not None

    def _long_title(self, index: int) -> Title | None:
        """Return the title on the line below a heading that is only an acronym: "HumusNet", and what it stands for."""
        below = self.lines[index + 1]
        if below.mark is not None and below.mark.kind in {"heading", "row", "item", "term", "value"}:
            return None
        if len(below.text.split()) < 3 or not is_title(below.text) or below.number > self.lines[index].number + 2:
            return None
        if read_label(below.text) or sure_names(below.text, 0, len(below.text)) or len(below.text) > 200:
            return None
        line = self.lines[index]
        level = line.mark.level if line.mark else 9
        return replace(self._of(index + 1, index + 2, level), acronym=(line.start, line.end))

    def _is_area(self, index: int, level: int) -> bool:
        """Tell whether a heading stands above the titles of several projects and not above one's own parts."""
        if index + 1 >= len(self.lines):
            return False
        below = self.lines[index + 1]
        if below.mark is None or below.mark.kind != "heading" or below.mark.level <= level:
            return False
        return self._heading(index + 1) is not None and not sure_names(below.text, 0, len(below.text))

    def _is_person(self, index: int) -> bool:
        """Tell whether a heading is a titled person whose role stands on the line below, or whose project's title above."""
        line, above = self.lines[index], self.lines[index - 1] if index else None
        if (
            line.mark
            and above
            and above.mark
            and above.mark.kind == "heading"
            and above.mark.level < line.mark.level
        ):
            names = sure_names(line.text, 0, len(line.text))
            if names and names[0].honorific and is_title(above.text) and not read_heading(above.text):
                return True
        people = read_people(self.lines[index].text, 0, len(self.lines[index].text))
        if not (people and people.titled and len(people.people) == 1 and index + 1 < len(self.lines)):
            return False
        below = _PART.split(self.lines[index + 1].text, maxsplit=1)[0]
        return len(below) <= 60 and role_of(below) is not None

    def _block(self, index: int, calm: bool) -> Title | None:
        """Read a short block with no mark as a title, if labels stand under it."""
        line = self.lines[index]
        before = self.lines[index - 1] if index else None
        gap = before is None or line.number > before.number + 1 or line.mark is not None
        numbered = _NUMBERED.match(line.text)
        code, _ = split_code(line.text)
        if read_label(line.text):
            return None
        if not (gap or numbered or code) or line.text[:1].islower():
            return None
        end = self._end_of_block(index)
        text = " ".join(one.text for one in self.lines[index:end])
        if not is_title(text) or end - index > 3:
            return None
        people = read_people(text, 0, len(text))
        if people and people.titled:
            return None
        if code and self._are_names(end):
            return replace(self._of(index, end), names_below=True)
        if not self._evidence(end, 8 if code or numbered else 6 if calm else 4):
            return None
        return self._of(index, end)

    def _are_names(self, index: int) -> bool:
        """Tell whether a line is nothing but untitled names in full, right below another."""
        if index >= len(self.lines) or self.lines[index].number != self.lines[index - 1].number + 1:
            return False
        line = self.lines[index]
        people = read_people(line.text, 0, len(line.text))
        if people is None or people.titled or not looks_like_names(people, self.source.common_words):
            return False
        return all(2 <= len(person.name.split()) <= 4 for person in people.people)

    def _end_of_block(self, index: int) -> int:
        """Return the index after the lines of a title that begins here."""
        end = index + 1
        while (
            end < len(self.lines) and self.lines[end].number == self.lines[end - 1].number + 1 and end < index + 4
        ):
            line = self.lines[end]
            people = read_people(line.text, 0, len(line.text))
            if line.mark or read_label(line.text) or read_heading(line.text) or people:
                break
            if has_label_form(line.text) and self._labels_follow(end):
                break
            if self._is_short(end) and self._labels_follow(end):
                break
            if self.lines[index].mark or (len(self.lines[end - 1].text) < 40 and not line.text[:1].islower()):
                break
            end += 1
        return end

    def _labels_follow(self, index: int) -> bool:
        """Tell whether a line of a label's form is one of a record's: the next is a known label, or of the form too."""
        following = self.lines[index + 1] if index + 1 < len(self.lines) else None
        if following is None or following.number != self.lines[index].number + 1:
            return False
        return read_label(following.text) is not None or has_label_form(following.text)

    def _evidence(self, index: int, reach: int, level: int = 9) -> bool:
        """Tell whether a label, a heading of a part or a line of titled people comes soon, before another title."""
        blocks = 0
        for place in range(index, min(index + reach, len(self.lines))):
            line = self.lines[place]
            label = read_label(line.text)
            if label and (
                label.kind in EVIDENCE or (label.kind == "other" and label.rest is not None and blocks < 2)
            ):
                return True
            if label:
                continue
            heading = read_heading(line.text)
            if heading and heading.kind in {"phase", "section"}:
                return False
            if line.mark and line.mark.kind == "heading" and not is_furniture(line.text):
                below = place == index and line.mark.level > level
                return below and bool(sure_names(line.text, 0, len(line.text)))
            if line.mark and line.mark.kind == "row":
                return False
            if place == index and sure_names(line.text, 0, len(line.text)):
                return True
            if place > index and self.marked is False and self._looks_new(place):
                blocks += 1
                if blocks > 2:
                    return False
        return False

    def _looks_new(self, place: int) -> bool:
        line, before = self.lines[place], self.lines[place - 1]
        return line.number > before.number + 1 and is_title(line.text) and len(line.text) > 12

    def _of(self, index: int, end: int, level: int = 9) -> Title:
        lines: Sequence[Line] = self.lines[index:end]
        start = lines[0].start
        if found := _NUMBERED.match(lines[0].text):
            start += found.end()
        last = lines[-1].end
        whole = self.source.document.text
        if whole[last - 1] == ")" and (sort := _SORT.search(whole, start, last)):
            last = sort.start()
        if enclosed := _ENCLOSED.fullmatch(whole, start, last):
            start, last = enclosed.span(2)
        title = Title(squeeze(whole[start:last]), start, last, end, None, None, level)
        if level == 9 and end < len(self.lines) and self._is_short(end) and self._labels_follow(end):
            below = self.lines[end]
            near = below.number == lines[-1].number + 1 and below.mark is None
            return replace(title, after=end + 1, acronym=(below.start, below.end)) if near else title
        return title


@lru_cache(maxsize=16384)
def is_title(text: str) -> bool:
    """Tell whether a text may be a title: short, no sentence, no furniture.

    >>> is_title("Optimal control of networks"), is_title("We study the optimal control of large networks.")
    (True, False)
    """
    if (
        not 3 <= len(text) <= LONGEST_TITLE
        or "\t" in text
        or (not text[:3].isalpha() and sum(map(str.isalpha, text)) < 3)
    ):
        return False
    if is_placeholder(text) or is_furniture(text) or is_caption(text) or is_noise(text):
        return False
    if text[-1] == "," or (text[-1] in ".,;:" and len(text.split()) > 2) or text.endswith((" …", "...", "…")):
        return False
    return not (text[0].islower() and len(text.split()) > 12) and not read_heading(text)


def is_noise(text: str) -> bool:
    """Tell whether a line is a page's own: a pager, an address, a file's rule, "read more"."""
    return _short_noise(text) if len(text) <= 300 else _any_noise(text)


@lru_cache(maxsize=16384)
def _short_noise(text: str) -> bool:
    return _any_noise(text)


def _any_noise(text: str) -> bool:
    first = first_word(text)
    if first and not first[0].isdigit() and first not in _noise_beginnings() and not _has_crumbs(text):
        return False
    return _is_noise(text)


def _has_crumbs(text: str) -> bool:
    return ">" in text or "»" in text or "›" in text


@lru_cache(maxsize=1)
def _noise_beginnings() -> frozenset[str]:
    truncated = word_set("labels", "abstract_words", "truncated")
    return first_words([*truncated, *(form.strip(" .…»›→[]()") for form in truncated), *_NOISE])


def _is_noise(text: str) -> bool:
    plain = squeeze(text).casefold()
    if len(plain) > 300:
        return False
    return bool(
        _PAGER.fullmatch(plain)
        or _ADDRESS_LINE.match(plain)
        or plain in word_set("labels", "abstract_words", "truncated")
        or plain.strip(" .…»›→[]()") in word_set("labels", "abstract_words", "truncated")
    )


@lru_cache(maxsize=4096)
def code_alone(text: str) -> str | None:
    """Return the code that is all of a line, or one part of a line cut by middle dots.

    >>> code_alone("SPP 2556"), code_alone("Teilprojekt 4"), code_alone("CORDIS · 785813 · H2020"), code_alone("Phase 1")
    ('SPP 2556', 'Teilprojekt 4', '785813', None)
    """
    if len(text) > 80:
        return None
    plain = squeeze(text.strip(" \t()[]:#*"))
    if _code_pattern().fullmatch(plain) or (" " not in plain and not plain.isdigit() and has_number(plain)):
        return plain
    parts = [part.strip() for part in _KICKER.split(plain)]
    if len(parts) > 1:
        return next(
            (part for part in parts if re.fullmatch(r"\d{5,10}", part) or _code_pattern().fullmatch(part)), None
        )
    return None


@lru_cache(maxsize=1)
def _code_pattern() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in word_list("page", "code", "words"))
    kinds = "|".join(re.escape(word) for word in word_list("page", "programme", "kinds"))
    alone = "|".join(re.escape(word) for word in word_list("page", "code", "alone"))
    return re.compile(
        rf"(?:{words})[ \u00a0]+[A-Z]{{0,3}}\d{{1,3}}(?:\.\d{{1,2}})?[a-z]?|(?:{kinds})(?:[ \u00a0]|/)?\d{{2,4}}|[A-Z]{{1,3}}-?\d{{1,3}}[a-z]?"
        rf"|(?:{alone})\d?|[A-Z]{{2,5}}-\d{{6,8}}|ANR-\d\d-\w{{2,6}}-\d{{4}}|#\d{{5,9}}|\d{{6,9}}"
    )


def opening_label(lines: Sequence[Line]) -> str | None:
    """Return the label with which at least two blocks of a page begin that have their title's label further down."""
    counts: Counter[str] = Counter()
    first: str | None = None
    before = -1
    for line in lines:
        gap, before = line.number > before + 1, line.number
        if line.mark is not None or ":" not in line.text[:60]:
            first = None if gap else first
            continue
        label = read_label(line.text)
        if gap:
            first = (
                label.printed
                if label and label.rest is not None and label.kind in {"code", "role", "start"}
                else None
            )
        elif first and label and label.kind == "title" and label.rest is not None:
            counts[first] += 1
            first = None
    best = counts.most_common(1)
    return best[0][0] if best and best[0][1] >= 2 else None


def evident(label: Label | None) -> bool:
    """Tell whether a label belongs to a record's facts."""
    return label is not None and label.kind in EVIDENCE
