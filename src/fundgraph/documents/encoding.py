"""Bytes to text: Unicode by its mark or by trial, a declared encoding, Windows-1252 where that is plausible."""

from __future__ import annotations

import codecs
import re
import unicodedata

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


def looks_binary(data: bytes) -> bool:
    """Tell whether bytes are no text: NULs without a Unicode mark, or control characters in plenty."""
    if _mark(data):
        return False
    sample = data[:65536]
    if b"\0" in data:
        return True
    control = len(sample) - len(sample.translate(None, _CONTROL))
    return control > len(sample) * 0.05


def decode(data: bytes) -> str:
    """Decode bytes; what cannot be decoded becomes U+FFFD, which ``extract`` reports with its line."""
    mark = _mark(data)
    if mark:
        skip, name = mark
        return data[len(skip) :].decode(name, errors="replace").removeprefix("\ufeff")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _declared(data)
    if declared:
        return declared
    text = data.decode("utf-8", errors="replace")
    legacy = data.decode("cp1252", errors="replace")
    return legacy if _plausible(legacy) and not _is_mostly_utf8(data, text) else text


def _mark(data: bytes) -> tuple[bytes, str] | None:
    return next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), None)


def _declared(data: bytes) -> str | None:
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
    return text


def _is_mostly_utf8(data: bytes, text: str) -> bool:
    """Tell whether the bytes hold good UTF-8 sequences: then a few bad bytes are damage, not another encoding."""
    bad = text.count("\ufffd")
    good = sum(1 for character in text if ord(character) > 127) - bad
    return good > 0 and good >= bad


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
