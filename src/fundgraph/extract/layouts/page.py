"""What single stretches of a page are by their words: captions, furniture, placeholders, references."""

from __future__ import annotations

import re
from functools import lru_cache

from fundgraph.extract.source import squeeze
from fundgraph.extract.words import first_word, first_words, word_list, word_set

_MAIL = re.compile(r"[\w.+-]+\s?(?:@|\[at\]|\(at\))\s?[\w-]+\.[\w.-]+", re.I)
_REFERENCE = re.compile(r"\[\w{1,8}\]\s+\S")
_BETWEEN = re.compile(r"[ \u00a0]{2,}|\s+[|·•/>»›–-]\s+|\s*\|\s*")
"""What stands between the links of a page's head or foot, all on one line."""
_LINK = re.compile(r"\[([^\[\]]{1,60})\]\([^()\s]*\)")
_CITED = re.compile(r"\b(?:19|20)\d\d\b|arxiv|doi\b|[\"“„«]", re.I)


def is_placeholder(text: str) -> bool:
    """Tell whether a text stands where an abstract should be and is none.

    >>> is_placeholder("-"), is_placeholder("(T.B.D.)"), is_placeholder("Wird noch ergänzt")
    (True, True, False)
    """
    first = first_word(text)
    if first and first not in _placeholder_beginnings() and text[len(first) : len(first) + 1] != ".":
        return False
    if len(text) > 200 and sum(map(str.isalnum, text[:500].split())) > _most_words():
        return False
    plain = squeeze(text).casefold()
    if plain in word_set("page", "placeholder", "signs"):
        return True
    bare = plain.strip(" ()[]<>{}.…-–—!*_\"'“”„")
    known = word_set("page", "placeholder")
    return bool(plain) and (not bare or bare in known or bare.replace(".", "") in known)


@lru_cache(maxsize=1)
def _placeholder_beginnings() -> frozenset[str]:
    return first_words(word_set("page", "placeholder"))


@lru_cache(maxsize=1)
def _most_words() -> int:
    """Return how many words the longest placeholder has."""
    return max(len(form.split()) for form in word_set("page", "placeholder"))


def is_caption(text: str) -> bool:
    """Tell whether a line is an image's caption: it begins like one and is no sentence.

    >>> is_caption("Graphics showing node classification"), is_caption("Images are classified by a network.")
    (True, False)
    """
    return (
        len(text) <= 200
        and (first_word(text) in _caption_beginnings() or not text[:1].isalnum())
        and not text.endswith((".", "!", "?", ",", ";"))
        and bool(_caption_pattern().match(text))
    )


def is_reference(text: str) -> bool:
    """Tell whether a block is a numbered reference, such as ``[1] "Title", A. Author, 2021.``."""
    return bool(_REFERENCE.match(text) and _CITED.search(text)) and len(text) < 3000


@lru_cache(maxsize=8192)
def is_furniture(text: str) -> bool:
    """Tell whether a block is the page's own: how to write to it, where to click, who owns it."""
    folded = text.casefold() if len(text) <= 600 else ""
    if any(map(folded.__contains__, word_list("page", "disclaimer"))):
        return True
    if len(text) > 200:
        return False
    if "©" in text or ("@" in text and _MAIL.search(text)):
        return True
    if ("[at]" in folded or "(at)" in folded) and _MAIL.search(text):
        return True
    if _is_link(folded):
        return True
    return _BETWEEN.search(folded) is not None and _are_links(folded)


def _is_link(folded: str) -> bool:
    plain = folded.strip(" .:!»›>«<|→←")
    return plain in word_set("page", "furniture") or plain.startswith(_furniture_beginnings())


def _are_links(folded: str) -> bool:
    """Tell whether a line is several links of a page: two known ones, and half of all that stands there."""
    parts = [part for part in _BETWEEN.split(_LINK.sub(r"\1", folded)) if part]
    known = sum(_is_link(part) for part in parts)
    if known > 1 and known * 2 >= len(parts):
        return True
    entries = word_set("page", "menu")
    return len(parts) > 2 and sum(
        part.strip(" .:!") in entries or _is_link(part) for part in parts
    ) * 4 >= 3 * len(parts)


@lru_cache(maxsize=1)
def _furniture_beginnings() -> tuple[str, ...]:
    forms = [word for word in sorted(word_set("page", "furniture")) if " " in word]
    return tuple(form + sign for form in forms for sign in " :")


@lru_cache(maxsize=1)
def _caption_beginnings() -> frozenset[str]:
    return first_words(word_set("page", "caption"))


@lru_cache(maxsize=1)
def _caption_pattern() -> re.Pattern[str]:
    links = set(word_list("page", "caption", "links"))
    nouns = "|".join(re.escape(word) for word in word_list("page", "caption") if word not in links)
    after = "|".join(re.escape(word) for word in word_list("page", "caption", "links") if word[0].isalpha())
    return re.compile(rf"(?:{nouns})(?:\s+\d{{1,3}}[a-z]?)?(?:\s*[:.–-]\s|\s+(?:{after})\s|\s*©)", re.I)
