"""Bytes to text: Unicode by its mark or by trial, a declared encoding, Windows-1252 where that is plausible.

In a file of UTF-8 with lines in Windows-1252 (somebody pasted them) each byte is read as what it can only be.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"(?:charset|encoding|coding)\s*[=:]\s*[\"']?\s*([A-Za-z][A-Za-z0-9_.:-]{2,30})", re.I)
_CONTROL = bytes(code for code in range(32) if code not in b"\t\n\r\f\x0b\x1b") + b"\x7f"
_LEGACY_ONLY = "ÃÂ¤¦¨¬¯¸¢¥"
"""Rare in prose, common where bytes were read in the wrong encoding."""

_UTF8 = re.compile(
    rb"[\xc2\xc3][\x80-\xbf]|[\xc4-\xdf](?![\x85\x91-\x97\xab\xbb])[\x80-\xbf]"
    rb"|[\xe1-\xec][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}"
)
"""A character of UTF-8 that is not by chance a letter of Windows-1252 before a sign of print ("Spaß“")."""
_TOLD = frozenset("ÄÖÜäöüßÀÁÂÅÆÇÈÉÊËÌÍÎÏÑÒÓÔØÙÚÛàáâãåæçèéêëìíîïñòóôõøùúûýŠšŽžŒœ".encode("cp1252"))
"""Bytes that beside a letter are a letter of Windows-1252."""
_SIGNS = frozenset("–—‘’“”„‚…•«»§°·©®€´".encode("cp1252"))
RECODING = "fundgraph-windows-1252"
"""The name by which ``bytes.decode`` and ``open`` know :func:`_recoded`."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text; ``encoding`` is that of most of it, ``recoded`` the lines (from 1) that were in Windows-1252."""

    text: str
    encoding: str
    recoded: tuple[int, ...] = ()


def _recoded(error: UnicodeError) -> tuple[str, int]:
    """Read bytes that are no UTF-8 as Windows-1252 where they can be told: letters beside letters, and signs of print."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    data, start, end = error.object, error.start, error.end
    beside = data[start - 1 : start] + data[end : end + 1]
    letter = any(byte > 127 or chr(byte).isalpha() for byte in beside)
    known = all(byte in _SIGNS or (byte in _TOLD and letter) for byte in data[start:end])
    return (data[start:end].decode("cp1252") if known else "\ufffd"), end


codecs.register_error(RECODING, _recoded)


def looks_binary(data: bytes) -> bool:
    """Tell whether bytes are no text: NULs without a Unicode mark, or control characters in plenty."""
    if _mark(data):
        return False
    sample = data[:65536]
    if b"\0" in data:
        return True
    control = len(sample) - len(sample.translate(None, _CONTROL))
    return control > len(sample) * 0.05


def decode(data: bytes) -> Decoded:
    """Decode bytes; what cannot be decoded becomes U+FFFD, which ``extract`` reports with its line."""
    mark = _mark(data)
    if mark:
        skip, name = mark
        return Decoded(data[len(skip) :].decode(name, errors="replace").removeprefix("\ufeff"), name)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    if (declared := _declared(data)) is not None:
        return declared
    if _UTF8.search(data):
        return _mixed(data)
    legacy = data.decode("cp1252", errors="replace")
    return Decoded(legacy, "cp1252") if _plausible(legacy) else Decoded(data.decode("utf-8", "replace"), "utf-8")


def _mixed(data: bytes) -> Decoded:
    """Decode UTF-8 line by line; in lines that are none the bytes that can be told are read as Windows-1252."""
    lines: list[str] = []
    recoded: list[int] = []
    for number, line in enumerate(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"), 1):
        try:
            lines.append(line.decode("utf-8"))
            continue
        except UnicodeDecodeError:
            text = line.decode("utf-8", errors="replace")
        bad = text.count("\ufffd")
        if bad * 4 < len(text) + 8:  # else it is no text at all, or in some third encoding
            text = line.decode("utf-8", errors=RECODING)
            if text.count("\ufffd") < bad:
                recoded.append(number)
        lines.append(text)
    return Decoded("\n".join(lines), "utf-8", tuple(recoded))


def _mark(data: bytes) -> tuple[bytes, str] | None:
    return next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), None)


def _declared(data: bytes) -> Decoded | None:
    """Decode by the encoding that the first kilobytes name, if there is such a codec and it fits."""
    found = _DECLARED.search(data[:4096])
    if not found:
        return None
    try:
        name = codecs.lookup(found.group(1).decode("ascii")).name
        if name in {"utf-8", "utf-16", "utf-32", "ascii"}:
            return None
        # A codec from bytes to bytes (rot13, zip) is no text encoding.
        text = data.decode(name)
    except (LookupError, UnicodeError, ValueError):
        return None
    return Decoded(text, name)


def _plausible(text: str) -> bool:
    """Tell whether text read as Windows-1252 looks written by a person: odd characters are letters in words."""
    if "\ufffd" in text:
        return False
    odd = [character for character in text if ord(character) > 127]
    if not odd:
        return True
    if any(unicodedata.category(character) == "Cc" for character in odd):
        return False
    letters = sum(1 for character in odd if character.isalpha() and character not in _LEGACY_ONLY)
    marks = sum(1 for character in odd if character in "–—‘’“”„‚…•«»§°·©®€´\u00a0")
    if letters + marks < len(odd) * 0.9:
        return False
    # Letters stand in words: runs of odd characters are short, and most of the text is plain.
    return len(odd) < len(text) * 0.25 and not re.search(r"[^\x00-\x7f]{4}", text)
