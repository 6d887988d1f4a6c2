"""Short names for IRIs, as Turtle writes them: with a prefix, or relative to the base."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Local names that need no escapes. A full stop may stand within, not at the end.
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?|")
#: What follows the base and comes back the same when it is resolved: no scheme, no empty, ``.`` or ``..`` segments.
_RELATIVE = re.compile(
    r"[A-Za-z0-9_~%-][A-Za-z0-9_~%.-]*(?:/[A-Za-z0-9_~%-][A-Za-z0-9_~%.-]*)*(?:#[A-Za-z0-9_~%.=,/-]*)?"
)


class Names:
    """Shortens IRIs, and remembers which prefixes it took."""

    def __init__(self, prefixes: Mapping[str, str], base: str = "") -> None:
        self._prefixes = dict(prefixes)
        self._by_namespace = {namespace: prefix for prefix, namespace in sorted(prefixes.items(), reverse=True)}
        self._base = base
        self._kept: dict[str, str] = {}
        self.used: set[str] = set()
        self.is_base_used = False

    def short(self, iri: str) -> str:
        """Return an IRI as Turtle writes it."""
        found = self._kept.get(iri)
        if found is None:
            found = self._kept[iri] = self._shorten(iri)
        return found

    def _shorten(self, iri: str) -> str:
        cut = max(iri.rfind("/"), iri.rfind("#")) + 1
        prefix, local = self._by_namespace.get(iri[:cut]), iri[cut:]
        if prefix is not None and _LOCAL.fullmatch(local):
            self.used.add(prefix)
            return f"{prefix}:{local}"
        if self._base and iri.startswith(self._base) and _RELATIVE.fullmatch(iri[len(self._base) :]):
            self.is_base_used = True
            return f"<{iri[len(self._base) :]}>"
        return f"<{iri}>"

    def head(self) -> str:
        """Return the directives for what was used."""
        lines = [f"@base <{self._base}> .\n"] if self.is_base_used else []
        lines += [f"@prefix {prefix}: <{self._prefixes[prefix]}> .\n" for prefix in sorted(self.used)]
        return "".join(lines)
