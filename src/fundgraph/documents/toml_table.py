"""Tables of a TOML file that know where they stand, so that a wrong value is reported with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fundgraph.errors import ProgrammeError

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


class Table:
    """A TOML table that knows its file, so that a wrong value is reported with its line."""

    def __init__(self, values: Mapping[str, Any], name: str, path: Path, text: str, start: int = 0) -> None:
        self.values, self.name, self.path, self.text, self.start = values, name, path, text, start

    def error(self, what: str, key: str | None = None, hint: str | None = None) -> ProgrammeError:
        """Return the error for a value, with the line of its key."""
        offset = self.start
        if key is not None and (
            match := re.compile(rf"^\s*{re.escape(key)}\s*=", re.M).search(self.text, self.start)
        ):
            offset = match.start() + len(match.group()) - len(match.group().lstrip())
        line = self.text.count("\n", 0, offset) + 1
        return ProgrammeError(f"[{self.name}] {what}", where=self.path, line=line, hint=hint)

    def text_of(self, key: str, *, required: bool = False) -> str | None:
        """Return a text, or a date as text; an empty one is an error."""
        value = self.values.get(key)
        if value is None:
            if required:
                raise self.error(f"{key} is missing", hint=f'Add: {key} = "…"')
            return None
        if not isinstance(value, str) and not hasattr(value, "isoformat"):
            raise self.error(f"{key} must be text, not {value!r}", key)
        value = str(value).strip()
        if not value:
            raise self.error(f"{key} is empty", key)
        return value

    def required(self, key: str) -> str:
        """Return a text that must be there."""
        value = self.text_of(key, required=True)
        assert value is not None
        return value

    def number(self, key: str, *, required: bool = False) -> int | None:
        """Return a whole number."""
        value = self.values.get(key)
        if value is None and not required:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error(f"{key} must be a whole number", key)
        return value

    def truth(self, key: str) -> bool:
        """Return true or false; false where nothing is said."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.error(f"{key} must be true or false", key)
        return value

    def date(self, key: str) -> str | None:
        """Return an ISO 8601 date of any precision."""
        value = self.text_of(key)
        if value is not None and not _DATE.fullmatch(value):
            raise self.error(f"{key} must be a date such as 2021, 2021-03 or 2021-03-01, not {value!r}", key)
        return value

    def only(self, *keys: str) -> None:
        """Refuse every key but these."""
        for key in self.values:
            if key not in keys:
                raise self.error(f"there is no key {key!r} here", key, hint=f"Known: {', '.join(keys)}")


def toml_file(path: Path) -> tuple[dict[str, Any], str]:
    """Read a TOML file; a fault is reported with its line."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except OSError as error:
        raise ProgrammeError(f"cannot be read: {error.strerror}", where=path) from error
    except UnicodeDecodeError as error:
        raise ProgrammeError(
            "is not UTF-8", where=path, line=error.object[: error.start].count(b"\n") + 1
        ) from error
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at (?:line (\d+), column (\d+)|end of document)\)", str(error))
        line, column = (int(place[1]), int(place[2])) if place and place[1] else (None, None)
        what = re.sub(r"\s*\(at .*\)$", "", str(error))
        raise ProgrammeError(f"is not valid TOML: {what}", where=path, line=line, column=column) from error
    return data, text


def table_of(data: Mapping[str, Any], name: str, path: Path, text: str) -> Table:
    """Return the one table of a name, which must be there."""
    values = data.get(name)
    if not isinstance(values, dict):
        raise ProgrammeError(f"the table [{name}] is missing", where=path, line=1)
    match = re.compile(rf"^\s*\[{name}\]", re.M).search(text)
    return Table(values, name, path, text, match.start() if match else 0)


def tables_of(data: Mapping[str, Any], name: str, path: Path, text: str) -> list[Table]:
    """Return the tables of an array, each with the place of its heading."""
    values = data.get(name, [])
    if not isinstance(values, list):
        raise ProgrammeError(f"[{name}] must be written [[{name}]], once for each", where=path)
    starts = [match.start() for match in re.compile(rf"^\s*\[\[{name}\]\]", re.M).finditer(text)]
    starts += [0] * (len(values) - len(starts))
    return [Table(value, name, path, text, start) for value, start in zip(values, starts, strict=False)]
