"""Dates and periods as pages print them, in English and German, to ISO 8601 at the precision stated."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from fundgraph.extract.words import vocabulary, word_set


@dataclass(frozen=True, slots=True)
class DateOrder:
    """How a document writes 03/04/2020: month first (``mdy``) or day first (``dmy``), and whether anything says so."""

    order: Literal["mdy", "dmy"] = "mdy"
    sure: bool = False


LATEST = "69"
"""The last year of two digits that is of this century."""
_SHORT_YEAR = re.compile(
    r"\d\.?(?:st|nd|rd|th)?[\s-]+[^\W\d_]{3,9}\.?[\s-]+['’]?\d\d(?!\d)|\d\d\.\d\d\.\d\d(?!\d)"
)
_UNKNOWN = DateOrder()
_order: ContextVar[DateOrder] = ContextVar("order", default=_UNKNOWN)


@contextmanager
def dates_in(order: DateOrder) -> Iterator[None]:
    """Have dates with slashes read in an order, within the block."""
    token = _order.set(order)
    try:
        yield
    finally:
        _order.reset(token)


def known_order() -> str | None:
    """Return the order of the document's dates where something says it."""
    order = _order.get()
    return order.order if order.sure else None


def read_period(text: str) -> tuple[str | None, str | None, str]:
    """Return the start and the end that a text states, and the text without them.

    >>> read_period("Phase 2 (2024 – 2027)")
    ('2024', '2027', 'Phase 2 ()')
    >>> read_period("Laufzeit: 01. Mai 2026 - 30. April 2029")[:2], read_period("bis 3/2021")[:2]
    (('2026-05-01', '2029-04-30'), (None, '2021-03'))
    """
    # What a date with slashes is depends on the document.
    return _period(text) if "/" in text else _known_period(text)


@lru_cache(maxsize=4096)
def _known_period(text: str) -> tuple[str | None, str | None, str]:
    return _period(text)


def _period(text: str) -> tuple[str | None, str | None, str]:
    if "19" not in text and "20" not in text and not _SHORT_YEAR.search(text):
        return None, None, text
    found = list(_date_pattern().finditer(text))
    dates = [(date, match) for match in found if (date := _iso(match))]
    if not dates:
        return None, None, text
    first, last = dates[0], dates[1] if len(dates) > 1 else None
    bare = text[: first[1].start()] + text[(last or first)[1].end() :]
    before = text[: first[1].start()].casefold().split()
    if last:
        return first[0], last[0], bare
    word = before[-1].strip("(:,") if before else ""
    if word in word_set("dates", "until"):
        return None, first[0], bare
    return first[0], None, bare


def read_date(text: str) -> str | None:
    """Return the one date that a text states, if it states any."""
    found = _date_pattern().search(text)
    return _iso(found) if found else None


_NUMERIC = re.compile(
    r"(?P<y>(?:1[89]|20|21)\d\d)(?:[-/.](?P<m>\d{1,2})(?:[-/.](?P<d>\d{1,2}))?)?(?:[T ]\d{1,2}:\d\d\S*(?: \S+)?)?Z?$"
    r"|(?P<y2>(?:19|20)\d\d)(?P<m2>\d\d)(?P<d2>\d\d)$"
    r"|(?P<a>\d{1,2})(?P<sign>[/.-])(?P<b>\d{1,2})[/.-](?P<y3>(?:1[89]|20|21)\d\d)(?:[T ,]+\d{1,2}:\d\d.*)?$"
)
_STAMP = re.compile(r"-?\d{12,13}$|-?\d{9,10}$")
_DAY, _HALF_DAY, _QUARTER = 86_400, 43_200, 900


@lru_cache(maxsize=65_536)
def data_date(text: str, order: str | None = None) -> str | None:
    """Read a date as data files write it: ISO with or without a time, 20210301, 03/31/2021, 31.03.2021, Unix time.

    ``order`` says how the source writes days and months, ``mdy`` or ``dmy``; where nothing says it and both are
    possible only the year is sure. A Unix time of a whole quarter of an hour is somebody's midnight: the nearest one
    is taken, which is right in every time zone. ``None`` for what is no day of the calendar.

    >>> data_date("2025-04-01T00:00:00"), data_date("09/01/2024", "mdy"), data_date("01/02/2024"), data_date("31.3.2021")
    ('2025-04-01', '2024-09-01', '2024', '2021-03-31')
    >>> data_date("1317423600000"), data_date("2021-02-30"), data_date("Mai 2026")
    ('2011-10-01', None, '2026-05')
    """
    plain = text.strip()
    if not plain or len(plain) > 80:
        return None
    if _STAMP.match(plain):
        return _of_stamp(int(plain), milliseconds=len(plain.lstrip("-")) > 11)
    found = _NUMERIC.match(plain)
    if not found:
        return read_date(plain) if not plain.isdigit() else None
    year, month, day = (found.group(one) or found.group(f"{one}2") for one in "ymd")
    if found.group("y3"):
        first, second, year = int(found.group("a")), int(found.group("b")), found.group("y3")
        if found.group("sign") == "." or order == "dmy" or first > 12:
            month, day = str(second), str(first)
        elif order == "mdy" or second > 12 or first == second:
            month, day = str(first), str(second)
        else:
            return year
    return _checked(year, month, day)


def _checked(year: str, month: str | None, day: str | None) -> str | None:
    """Write a date in ISO 8601 at its precision, if the calendar has it."""
    try:
        date = datetime.date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return date.isoformat()[: 10 if day else 7 if month else 4]


def _of_stamp(value: int, *, milliseconds: bool) -> str | None:
    seconds = value // 1000 if milliseconds else value
    days = (seconds + (_HALF_DAY if seconds % _QUARTER == 0 else 0)) // _DAY
    try:
        return (datetime.date(1970, 1, 1) + datetime.timedelta(days=days)).isoformat()
    except OverflowError:
        return None


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    return {name: int(number) for number, names in vocabulary("dates")["months"].items() for name in names}


@lru_cache(maxsize=1)
def _date_pattern() -> re.Pattern[str]:
    months = "|".join(sorted(_months(), key=len, reverse=True))
    year = r"(?:19|20)\d\d"
    return re.compile(
        rf"(?<![\w/.-])(?:(?P<y1>{year})-(?P<m1>\d\d)(?:-(?P<d1>\d\d))?"
        rf"|(?P<d7>\d{{1,2}})-(?P<m8>\d{{1,2}})-(?P<y11>{year})|(?P<d2>\d{{1,2}})\.\s?(?P<m2>\d{{1,2}})\.\s?(?P<y2>{year})"
        rf"|(?:(?P<d3>\d{{1,2}})\.?(?:st|nd|rd|th|er|re|º|°)?\s+(?:de\s+|of\s+|d['’])?)?(?P<n3>{months})\.?\s+(?:del?\s+)?(?:(?P<e3>\d{{1,2}}),\s+)?(?P<y3>{year})"
        rf"|(?P<d9>\d{{1,2}})\.?(?:st|nd|rd|th)?[\s-]+(?P<n9>{months})\.?[\s-]+['’]?(?P<y12>\d\d)(?![\w:.]\w)"
        rf"|(?P<d10>\d\d)\.(?P<m9>\d\d)\.(?P<y13>\d\d)(?=$|\s|[)\]–—,;-])"
        rf"|(?P<m5>\d{{1,2}})/(?P<d5>\d{{1,2}})/(?P<y8>{year})|(?P<y9>{year})/(?P<m6>\d\d)/(?P<d6>\d\d)"
        rf"|(?P<m4>\d{{1,2}})/(?P<y4>{year})|(?P<m7>\d{{1,2}})\.(?P<y10>{year})"
        rf"|(?P<y5>{year}))(?![\w/]|[-.]\d)|(?<![\w/.-])(?P<y6>{year})(?=-{year}(?!\d))|(?<=\d{{4}}-)(?P<y7>{year})(?!\d)",
        re.I,
    )


@lru_cache(maxsize=1)
def _letters() -> str:
    """Return for each group of the pattern the letter that says what it holds; only groups of one date match at once."""
    return "".join(name[0] for name in _date_pattern().groupindex)


def _iso(match: re.Match[str]) -> str | None:
    """Write a match as ISO 8601; ``None`` if there is no such day."""
    said = {_letters()[number]: value for number, value in enumerate(match.groups()) if value}
    year, month, day, name = said.get("y"), said.get("m"), said.get("d") or said.get("e"), said.get("n")
    if year and len(year) == 2:
        year = f"{'19' if year > LATEST else '20'}{year}"
    number = _months()[name.casefold()] if name else int(month) if month else None
    if number is None:
        return year
    if day and match.group("d5") and int(day) <= 12 and (number > 12 or (_order.get().order == "dmy")):
        # A day before the month: 28/02/2026, or 02/03/2026 where the document's dates are so.
        number, day = int(day), str(number)
    if number > 12 and day and match.group("d7"):
        number, day = int(day), str(number)
    if not 1 <= number <= 12 or (day and not 1 <= int(day) <= 31):
        return None
    return f"{year}-{number:02d}-{int(day):02d}" if day else f"{year}-{number:02d}"
