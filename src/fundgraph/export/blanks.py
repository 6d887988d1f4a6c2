"""Where blank nodes are written: inside of what names them, in lists, or by themselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping

from fundgraph.export.things import Quad, Triple, full

FIRST, REST, NIL = full("rdf:first"), full("rdf:rest"), full("rdf:nil")
#: Of blank nodes within one another, every so many stands by itself.
_DEEPEST = 30

Statements = dict[str, list[str]]
Subjects = dict[str, Statements]


def by_graph(quads: Iterable[Quad]) -> tuple[dict[str, list[Triple]], set[str]]:
    """Return the triples of each graph, and the blank nodes that several graphs name."""
    graphs: dict[str, list[Triple]] = defaultdict(list)
    of_blank: dict[str, set[str]] = defaultdict(set)
    for subject, predicate, value, graph in quads:
        graphs[graph].append((subject, predicate, value))
        for term in (subject, value):
            if term[0] == "_":
                of_blank[term].add(graph)
    return graphs, {blank for blank, found in of_blank.items() if len(found) > 1}


class Nesting:
    """The statements of one graph by subject, with the blank nodes that are named once inside of what names them."""

    def __init__(self, triples: Iterable[Triple], shared: Collection[str] = ()) -> None:
        self.subjects: Subjects = {}
        named: Counter[str] = Counter()
        owner: dict[str, tuple[str, str]] = {}
        for subject, predicate, value in triples:
            self.subjects.setdefault(subject, {}).setdefault(predicate[1:-1], []).append(value)
            if value[0] == "_":
                named[value] += 1
                owner[value] = (subject, predicate[1:-1])
        once = {blank for blank, count in named.items() if count == 1 and blank in self.subjects} - set(shared)
        self._lists = _in_lists(self.subjects, once, owner)
        self.within = _within(once, owner, self._lists)

    def items(self, blank: str) -> list[str] | None:
        """Return the members of the list that a nested blank node begins; ``None`` if it begins none."""
        if blank not in self._lists:
            return None
        items = []
        while blank in self.within:
            items.append(self.subjects[blank][FIRST][0])
            blank = self.subjects[blank][REST][0]
        return items


def _in_lists(subjects: Subjects, once: set[str], owner: Mapping[str, tuple[str, str]]) -> set[str]:
    """Return the blank nodes that are links of a whole list and nothing else, found from the ends of lists."""

    def is_link(node: str) -> bool:
        said = subjects[node]
        return node in once and said.keys() == {FIRST, REST} and len(said[FIRST]) == len(said[REST]) == 1

    found: set[str] = set()
    for node in once:
        if is_link(node) and subjects[node][REST] == [f"<{NIL}>"]:
            found.add(node)
            before, predicate = owner[node]
            while predicate == REST and before in once and before not in found and is_link(before):
                found.add(before)
                before, predicate = owner[before]
    return found


def _within(once: set[str], owner: Mapping[str, tuple[str, str]], in_lists: set[str]) -> set[str]:
    """Return the blank nodes that hang below something that stands by itself; in a circle none does.

    Every so many steps down one stands by itself again, whatever it hangs below; the links of a list are one step.
    """
    depths: dict[str, int] = {}
    for blank in once:
        path: dict[str, None] = {}
        node = blank
        while node in once and node not in depths and node not in path:
            path[node] = None
            node = owner[node][0]
        depth = -1 if node in path else depths.get(node, 0)
        for one in reversed(path):
            before, predicate = owner[one]
            if depth >= 0 and not (predicate == REST and one in in_lists and before in in_lists):
                depth += 1
            depths[one] = depth
    return {blank for blank, depth in depths.items() if depth > 0 and depth % _DEEPEST}
