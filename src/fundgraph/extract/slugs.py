"""Names and titles as short words for IRIs, and as keys by which two spellings of one name are the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import MutableMapping
from functools import lru_cache

_GERMAN = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ı": "i",
    }
)
_PLAIN = str.maketrans(
    {"ß": "ss", "æ": "a", "œ": "o", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_WORD = re.compile(r"[^\W_]+")
_TWO_VOWELS = re.compile(r"([aou])e")
LONGEST = 80


@lru_cache(maxsize=16384)
def slug(text: str, longest: int = LONGEST) -> str:
    """Write text in lower-case letters, digits and hyphens, cut at a word's end.

    >>> slug("Christian Kühn"), slug("Andrés Fernández Rodríguez"), slug("Neural ODEs: a view")
    ('christian-kuehn', 'andres-fernandez-rodriguez', 'neural-odes-a-view')
    """
    # Composed first, so that u + combining diaeresis is an umlaut too.
    folded = text.strip()
    folded = (
        folded.lower() if folded.isascii() else unicodedata.normalize("NFC", folded).lower().translate(_GERMAN)
    )
    words = _WORD.findall(strip_accents(folded).replace("'", "").replace("’", ""))
    made = "-".join(words)
    if len(made) <= longest:
        return made
    made = ""
    for word in words:
        longer = f"{made}-{word}" if made else word
        if len(longer) > longest:
            break
        made = longer
    return made or (words[0][:longest] if words else "")


@lru_cache(maxsize=16384)
def name_key(name: str) -> str:
    """Return what two spellings of a name share: no accents, capitals or hyphens, and ``ue`` as ``ü`` as ``u``.

    >>> name_key("Jörg Müller-Lüdenscheidt") == name_key("JOERG MUELLER LUDENSCHEIDT")
    True
    """
    if name.isascii():
        folded = name.lower()
    else:
        folded = strip_accents(unicodedata.normalize("NFC", name).casefold().translate(_PLAIN))
    return " ".join(_WORD.findall(_TWO_VOWELS.sub(r"\1", folded.replace("'", "").replace("’", ""))))


@lru_cache(maxsize=16384)
def writing(name: str) -> str:
    """Return what two right writings of a name share: accents count. Capitals, hyphens and ``ue`` do not.

    >>> writing("Jörg MÜLLER-LANG") == writing("Joerg Mueller Lang"), writing("Montúfar") == writing("Montufar")
    (True, False)
    """
    folded = unicodedata.normalize("NFC", name).lower().translate(_GERMAN)
    return " ".join(_WORD.findall(folded.replace("'", "").replace("’", "")))


def strip_accents(text: str) -> str:
    """Leave away the marks on letters."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def unique(wanted: str, taken: MutableMapping[str, int], *extra: str | None) -> str:
    """Return a slug that is not taken, and take it: the wanted one, else with one of the extras, else numbered.

    ``taken`` holds for each slug the next number to try, so that a thousand equal titles cost a thousand steps.

    >>> taken = {}
    >>> [unique("deep", taken, None, "A01") for _ in range(4)]
    ['deep', 'deep-a01', 'deep-2', 'deep-3']
    """
    options = [wanted, *(f"{wanted}-{more}" for text in extra if text and (more := slug(text)))]
    free = next((option for option in options if option not in taken), None)
    if free is None:
        number = taken[wanted]
        while f"{wanted}-{number}" in taken:
            number += 1
        taken[wanted] = number + 1
        free = f"{wanted}-{number}"
    taken[free] = 2
    return free
