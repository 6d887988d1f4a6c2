"""How like two names are. What comes out is always between 0 and 1, and says why."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from fundgraph.store.identities import Form, key_of

__all__ = ["Likeness", "WantedName", "compare", "similarity"]

#: What stands before or behind names of people and is no part of them.
_TITLES = re.compile(
    r"^(?:(?:(?:univ|apl|em|hon|jun)\.?[\s-]*)?prof(?:essor(?:in)?)?(?:\.|(?=[\s-]))"
    r"|dr(?:\.|(?=[\s-]))(?:[\s-]*(?:(?:rer|nat|phil|habil|math|med|pol|jur|oec|sc)\.|ing\b\.?|h\.\s*c\.))*"
    r"|pd(?=\s)|priv\.?[\s-]*doz\.?|dipl\.?[\s-]*[a-z]+\.|(?:mr|mrs|ms)\b\.?|herrn?(?=\s)|frau(?=\s))[\s.-]*"
    r"|,?\s*(?:ph\.?\s?d\.?|m\.?\s?sc\.?)$",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*")
#: What a name is worth that is only known as a misspelt form, as a short form, or that was cut.
_HIDDEN, _CUT, _SORTED = 0.97, 0.9, 0.95
_INITIAL, _LACKING = 0.85, 0.6
_LIKE = 0.8
_LONG = 20


@dataclass(frozen=True, slots=True)
class WantedName:
    """A name that is looked for, in the forms in which it may be meant."""

    text: str
    key: str
    person: str
    """The key of the name if a person is meant: without titles, with the family name last."""

    @classmethod
    def of(cls, text: str) -> WantedName:
        """Read a name as it was typed.

        >>> WantedName.of("Prof. Dr. Weiß, Jürgen (Kiel)").person
        'juergen weiss'
        """
        bare = _BRACKETS.sub(" ", text).strip() or text
        person, before = bare, ""
        while person != before:
            before, person = person, _TITLES.sub("", person).strip()
        family, comma, given = person.partition(",")
        if comma and given.strip() and "," not in given:
            person = f"{_TITLES.sub('', given.strip())} {family}"
        return cls(bare, key_of(bare), key_of(person))

    @property
    def keys(self) -> tuple[str, ...]:
        """The different keys of the name."""
        return tuple(dict.fromkeys(key for key in (self.key, self.person, key_of(self.text)) if key))


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like a thing's best name is: ``form`` is the kind of that name, ``initials`` whether a given name is only a letter."""

    value: float
    form: str
    exact: bool = False
    initials: bool = False


def compare(wanted: WantedName, forms: tuple[Form, ...], *, is_person: bool) -> Likeness:
    """Return how like the names of a thing are to what is looked for; the best of them counts."""
    best = Likeness(0.0, "label")
    for form in forms:
        one = _person(wanted.person, form) if is_person else _other(wanted.key, form)
        if (one.exact, one.value) > (best.exact, best.value):
            best = one
    return best


def similarity(one: str, other: str) -> float:
    """Return how like two keys are, whatever they name: in their order, in any order, or one the beginning of the other."""
    if one == other:
        return 1.0
    best = max(fuzz.ratio(one, other), _SORTED * fuzz.token_sort_ratio(one, other)) / 100
    short, long = sorted((one, other), key=len)
    if len(short) >= _LONG and long.startswith(short):
        best = max(best, _CUT)
    if len(short.split()) >= 3:
        best = max(best, _CUT * fuzz.token_set_ratio(one, other) / 100)
    return best


def _worth(value: float, form: Form) -> float:
    return value * (_HIDDEN if form.form == "hidden" else 1.0)


def _other(key: str, form: Form) -> Likeness:
    exact = key == form.key
    return Likeness(_worth(similarity(key, form.key), form), form.form, exact)


def _person(key: str, form: Form) -> Likeness:
    """Compare names of people token by token: an initial may stand for a name, and a middle name may be lacking."""
    if key == form.key:
        return Likeness(_worth(1.0, form), form.form, exact=True)
    short, long = sorted((key.split(), form.key.split()), key=len)
    if not short:
        return Likeness(0.0, form.form)
    left, total, initials, whole = list(long), 0.0, False, False
    for token in sorted(short, key=len, reverse=True):
        scored = [(_token(token, other), at) for at, other in enumerate(left)]
        value, at = max(scored, key=lambda pair: (pair[0], -pair[1]), default=(0.0, -1))
        if value > 0:
            is_initial = len(token) == 1 or len(left[at]) == 1
            initials, whole = initials or is_initial, whole or not is_initial
            total += value
            del left[at]
    if not whole:  # initials alone, or nothing
        return Likeness(0.0, form.form)
    lacking = len(long) - len(short)
    value = (total + _LACKING * lacking) / len(long) if len(short) > 1 else total / len(long)
    order = _SORTED if sorted(key.split()) == sorted(form.key.split()) else 1.0  # the names in another order
    return Likeness(_worth(min(value, 0.99) * order, form), form.form, initials=initials)


def _token(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if len(one) == 1 or len(other) == 1:
        return _INITIAL if one[0] == other[0] else 0.0
    value = JaroWinkler.similarity(one, other)
    return value if value >= _LIKE else 0.0
