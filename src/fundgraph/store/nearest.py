"""What somebody may have meant who wrote something that is not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

KEYWORDS = (
    "SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "WHERE", "FROM", "NAMED", "PREFIX", "BASE", "DISTINCT", "REDUCED",
    "OPTIONAL", "FILTER", "BIND", "VALUES", "UNION", "MINUS", "GRAPH", "SERVICE", "EXISTS", "GROUP", "HAVING",
    "ORDER", "LIMIT", "OFFSET", "COUNT", "REGEX", "CONTAINS", "LANG", "BOUND", "UNDEF",
)  # fmt: skip
UPDATE_KEYWORDS = (
    *KEYWORDS, "INSERT", "DELETE", "DATA", "WITH", "USING", "LOAD", "INTO", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD",
    "TO", "SILENT", "DEFAULT", "ALL",
)  # fmt: skip
_LIKE_ENOUGH = 0.66


def nearest(word: str, candidates: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """Return the candidates that are most like a word, the likest first; letters that changed places count little.

    >>> nearest("titel", ["title", "abstract", "code"])
    ('title',)
    """
    from rapidfuzz.distance import OSA  # 20 ms to import, and seldom needed

    wanted = word.casefold()
    found = []
    for candidate in dict.fromkeys(candidates):
        likeness = OSA.normalized_similarity(wanted, candidate.casefold(), score_cutoff=_LIKE_ENOUGH)
        if likeness and candidate != word:
            found.append((-likeness, candidate))
    return tuple(candidate for _, candidate in sorted(found)[:most])


def nearest_iris(iri: str, candidates: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """Return the IRIs most like one: those below the same namespace by their last part, or else as a whole."""
    head, tail = split_iri(iri)
    below = {known[len(head) :]: known for known in candidates if known.startswith(head)}
    found = tuple(below[name] for name in nearest(tail, below, most))
    return found or nearest(iri, (known for known in candidates if split_iri(known)[1] == tail), most)


def split_iri(iri: str) -> tuple[str, str]:
    """Return an IRI's namespace and the name below it.

    >>> split_iri("http://example.org/a#b")
    ('http://example.org/a#', 'b')
    """
    at = max(iri.rfind("#"), iri.rfind("/"), iri.rfind(":")) + 1
    return iri[:at], iri[at:]


def shortened(iri: str, prefixes: Mapping[str, str]) -> str:
    """Return an IRI as a query would write it: a prefixed name if a prefix fits, else in angle brackets."""
    for prefix, namespace in prefixes.items():
        name = iri.removeprefix(namespace)
        if namespace and name != iri and name.replace("-", "").replace("_", "").isalnum():
            return f"{prefix}:{name}"
    return f"<{iri}>"
