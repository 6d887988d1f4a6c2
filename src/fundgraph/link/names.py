"""Names made comparable, in named steps: honorifics off, spelling folded, family name and given names told apart.

``ü``, ``ue`` and ``u`` become one; hyphens are spaces within given names; particles do not count; DBLP's number behind a
namesake is dropped. What was printed is kept elsewhere: this is for comparing only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["NameForm", "fold", "kolner", "name_forms", "organisation_key", "words"]

_FOLD = str.maketrans(
    {
        "ä": "a", "ö": "o", "ü": "u", "ß": "ss", "é": "e", "è": "e", "ê": "e", "ë": "e", "á": "a", "à": "a", "â": "a", "ã": "a",
        "å": "a", "í": "i", "ì": "i", "î": "i", "ï": "i", "ó": "o", "ò": "o", "ô": "o", "õ": "o", "ø": "o", "ú": "u", "ù": "u",
        "û": "u", "ñ": "n", "ç": "c", "ć": "c", "č": "c", "š": "s", "ś": "s", "ž": "z", "ż": "z", "ź": "z", "ł": "l", "ý": "y",
        "ř": "r", "ů": "u", "ě": "e", "ğ": "g", "ş": "s", "ı": "i", "đ": "d", "æ": "a", "œ": "o", "’": "", "'": "", ".": " ",
    }
)  # fmt: skip
_PARTICLES = frozenset(
    [
        "von",
        "van",
        "der",
        "den",
        "de",
        "del",
        "della",
        "la",
        "le",
        "du",
        "di",
        "da",
        "dos",
        "das",
        "zu",
        "zum",
        "zur",
        "vom",
        "ten",
        "ter",
        "al",
        "el",
        "af",
        "av",
        "bin",
        "ibn",
    ]
)
_HONORIFICS = frozenset(
    [
        "prof",
        "professor",
        "dr",
        "doktor",
        "pd",
        "priv",
        "doz",
        "privatdozent",
        "apl",
        "jun",
        "hon",
        "em",
        "habil",
        "rer",
        "nat",
        "phil",
        "ing",
        "dipl",
        "math",
        "inform",
        "msc",
        "bsc",
        "med",
        "phd",
        "sc",
        "mr",
        "mrs",
        "ms",
        "herr",
        "frau",
        "h",
        "c",
        "mult",
    ]
)
_WORD = re.compile(r"[^\W\d_]+")
_BRACKETS = re.compile(r"\([^)]*\)|\[[^]]*\]")
_GENERIC = {
    "universitat": "u", "university": "u", "univ": "u", "universite": "u", "uni": "u", "universitaet": "u", "universita": "u",
    "technische": "t", "technical": "t", "institut": "i", "institute": "i", "instituto": "i", "of": "", "the": "", "der": "",
    "fur": "", "for": "", "in": "", "und": "", "and": "", "zu": "", "am": "", "an": "", "at": "", "technology": "t", "technologie": "t",
    "munchen": "munich", "koln": "cologne", "nurnberg": "nuremberg", "wien": "vienna", "zurich": "zurich",
}  # fmt: skip


@lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """Return a text in lower case without accents; ``ü``, ``ue`` and ``u`` are one, and so are their like.

    >>> fold("Kühn"), fold("Kuehn"), fold("Kuhn"), fold("Łukasz")
    ('kuhn', 'kuhn', 'kuhn', 'lukasz')
    """
    folded = text.lower().translate(_FOLD)
    if not folded.isascii():
        parts = unicodedata.normalize("NFKD", folded)
        folded = "".join(char for char in parts if not unicodedata.combining(char)).translate(_FOLD)
    return folded.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def words(text: str) -> list[str]:
    """Return the words of a text, folded."""
    return _WORD.findall(fold(text))


@dataclass(frozen=True, slots=True)
class NameForm:
    """One way to read a name: family name, first given name (or its letter), first letter of the second; ``doubt`` if it is
    not the likeliest one."""

    family: str
    given: str
    middle: str
    doubt: bool = False


def name_forms(name: str) -> Iterator[NameForm]:
    """Yield the ways to read a person's name, the likeliest first.

    >>> [(form.family, form.given, form.middle) for form in name_forms("Prof. Dr. Carla von Müller-Lüdenscheid")]
    [('muller ludenscheid', 'carla', ''), ('muller', 'carla', ''), ('ludenscheid', 'carla', '')]
    >>> next(name_forms("Hein, Matthias 0001")).family
    'hein'
    """
    if "(" in name or "[" in name:
        name = _BRACKETS.sub(" ", name)
    before, comma, after = name.partition(",")
    if comma:
        family, given = _parts(before), _parts(after)
    else:
        parts = _parts(name)
        if not parts:
            return
        family, given = [parts[-1]], parts[:-1]
        while len(given) > 1 and given[-1] in _PARTICLES:
            given.pop()
    family = [part for part in family if part not in _PARTICLES] or family
    if not family:
        return
    tokens = [token for part in family for token in part.split("-") if token]
    firsts = [token for part in given for token in part.split("-") if token and token not in _PARTICLES]
    first, middle = (firsts[0] if firsts else ""), (firsts[1][0] if len(firsts) > 1 else "")
    yield NameForm(" ".join(tokens), first, middle)
    if len(tokens) > 1:
        for token in tokens:
            yield NameForm(token, first, middle, doubt=True)
    elif not comma and len(firsts) > 1 and len(firsts[-1]) > 1:
        # The last of the given names may belong to the family: Maria Fernández Rodríguez.
        rest = firsts[1][0] if len(firsts) > 2 else ""
        yield NameForm(f"{firsts[-1]} {tokens[0]}", first, rest, doubt=True)
        yield NameForm(firsts[-1], first, rest, doubt=True)


def _parts(text: str) -> list[str]:
    folded = fold(text).replace("\u2010", "-").replace("\u2011", "-")
    parts = [part.strip("-") for part in re.split(r"[^\w-]+|[\d_]+", folded)]
    kept = [part for part in parts if part]
    while len(kept) > 1 and all(piece in _HONORIFICS for piece in kept[0].split("-")):
        kept.pop(0)
    return kept


def organisation_key(name: str) -> str:
    """Return the words that tell an organisation from others, in order of the alphabet.

    >>> organisation_key("Technische Universität München") == organisation_key("Technical University of Munich")
    True
    """
    kept = {_GENERIC.get(word, word) for word in words(name)}
    return " ".join(sorted(kept - {""}))


_CODES = {"a": "0", "e": "0", "i": "0", "j": "0", "o": "0", "u": "0", "y": "0", "b": "1", "f": "3", "v": "3", "w": "3",
          "g": "4", "k": "4", "q": "4", "l": "5", "m": "6", "n": "6", "r": "7", "s": "8", "z": "8"}  # fmt: skip


def kolner(word: str) -> str:
    """Return the code of Kölner Phonetik for a folded word: alike in sound, alike in code.

    >>> kolner("meyer") == kolner("maier"), kolner("schmidt") == kolner("schmitt"), kolner("muller")
    (True, True, '657')
    """
    codes: list[str] = []
    last = len(word) - 1
    for at, char in enumerate(word):
        before = word[at - 1] if at else ""
        after = word[at + 1] if at < last else ""
        if char == "h" or not char.isalpha():
            continue
        if char == "p":
            code = "3" if after == "h" else "1"
        elif char in "dt":
            code = "8" if after and after in "csz" else "2"
        elif char == "x":
            code = "8" if before and before in "ckq" else "48"
        elif char == "c":
            if at == 0:
                code = "4" if after and after in "ahkloqrux" else "8"
            else:
                code = "4" if before not in "sz" and after and after in "ahkoqux" else "8"
        else:
            code = _CODES.get(char, "9")
        codes.append(code)
    text = "".join(codes)
    squeezed = "".join(code for at, code in enumerate(text) if at == 0 or text[at - 1] != code)
    return squeezed[:1] + squeezed[1:].replace("0", "")
