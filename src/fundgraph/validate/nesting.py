"""Write the patterns of ``EXISTS`` so that they are looked up, not joined.

Oxigraph answers ``EXISTS { ?this x:a ?b . ?b x:c ?d }`` by joining the two patterns anew for each ``?this``, which takes
time with the square of the data. ``EXISTS { ?this x:a ?b . FILTER EXISTS { ?b x:c ?d } }`` means the same and is two
look-ups. A group that holds more than triples and filters is left as it is.
"""

from __future__ import annotations

from fundgraph.validate.recognise import TOKEN

_Triple = tuple[str, str, str]


class _Unknown(Exception):  # noqa: N818 - never leaves this module
    pass


def nest(query: str) -> str:
    """Return a query that means the same, with one pattern in each ``EXISTS``.

    >>> nest("ASK { ?s x:a ?o FILTER NOT EXISTS { ?p x:c ?q . ?o x:b/x:d ?p } }")
    'ASK { ?s x:a ?o FILTER NOT EXISTS { ?o x:b ?n1 . FILTER EXISTS { ?n1 x:d ?p . FILTER EXISTS { ?p x:c ?q . } } } }'
    """
    return _Nester(query).rewrite()


class _Nester:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [found for found in TOKEN.finditer(text) if found["space"] is None]
        self.at = 0
        self.made = 0

    def rewrite(self) -> str:
        """Return the whole text with the groups of EXISTS written anew."""
        return self.span(0, len(self.tokens), set())

    def span(self, start: int, stop: int, known: set[str]) -> str:
        """Return the text of some tokens with the groups of EXISTS in it written anew."""
        if start >= stop:
            return ""
        known = set(known)
        out, copied, at = [], self.tokens[start].start(), start
        while at < stop:
            token = self.tokens[at]
            known |= {token[0][1:]} if token["variable"] else set()
            if (token["word"] or "").lower() == "exists" and at + 1 < stop and self.tokens[at + 1][0] == "{":
                end = self.closing(at + 1)
                try:
                    written = self.group(at + 1, end, known)
                except (_Unknown, IndexError):
                    at += 1
                    continue
                out += [self.text[copied : self.tokens[at + 1].start()], written]
                copied, at = self.tokens[end].end(), end
            at += 1
        out.append(self.text[copied : self.tokens[stop - 1].end()])
        return "".join(out)

    def closing(self, at: int) -> int:
        """Return the token that closes the bracket at a token."""
        depth = 0
        for index in range(at, len(self.tokens)):
            depth += (self.tokens[index][0] in "{(") - (self.tokens[index][0] in "})")
            if depth == 0:
                return index
        raise _Unknown

    def group(self, start: int, end: int, known: set[str]) -> str:
        """Return the group between two braces, nested."""
        triples: list[_Triple] = []
        filters: list[tuple[int, int]] = []
        self.at = start + 1
        while self.at < end:
            if self.tokens[self.at][0] == ".":
                self.at += 1
            elif (self.tokens[self.at]["word"] or "").lower() == "filter":
                opened = next(index for index in range(self.at, end) if self.tokens[index][0] in "({")
                filters.append((self.at, self.closing(opened) + 1))
                self.at = filters[-1][1]
            else:
                triples += self.same_subject()
        if not triples:
            raise _Unknown
        inside = known | {name for triple in triples for name in _variables(triple)}
        conditions = [self.span(*bounds, inside) for bounds in filters]
        return _nested(_in_order(triples, known), conditions)

    def same_subject(self) -> list[_Triple]:
        subject = self.term()
        found = self.path(subject, *self.verb_and_object())
        while self.tokens[self.at][0] in ";,":
            again = self.tokens[self.at][0] == ";"
            self.at += 1
            steps = self.verb() if again else steps_of(found)
            found += self.path(subject, steps, self.term())
        return found

    def verb_and_object(self) -> tuple[list[str], str]:
        steps = self.verb()
        return steps, self.term()

    def path(self, subject: str, steps: list[str], value: str) -> list[_Triple]:
        """Return a triple for each step of a path, with new variables in between."""
        found: list[_Triple] = []
        for number, step in enumerate(steps):
            if number == len(steps) - 1:
                target = value
            else:
                self.made += 1
                target = f"?n{self.made}"
            found.append((subject, step, target))
            subject = target
        return found

    def term(self) -> str:
        token = self.tokens[self.at]
        if not (token["variable"] or token["iri"] or token["literal"] or token["prefix"] is not None):
            raise _Unknown
        self.at += 1
        if token["literal"] and self.tokens[self.at][0] == "^":
            self.at += 2
            return f"{token[0]}^^{self.term()}"
        return token[0]

    def verb(self) -> list[str]:
        """Return the steps of a predicate or path: those of a sequence, or the whole as one."""
        start, depth, cuts = self.at, 0, [self.at]
        choice = False
        while True:
            token = self.tokens[self.at]
            if token["variable"] or token["literal"] or (token["word"] and token[0] != "a"):
                raise _Unknown
            depth += (token[0] == "(") - (token[0] == ")")
            choice |= depth == 0 and token[0] == "|"
            self.at += 1
            if depth == 0 and token[0] == "/":
                cuts.append(self.at)
            behind = self.tokens[self.at]
            ends = token["iri"] or token["prefix"] is not None or token[0] in ("a", ")", "*", "+", "?")
            if depth == 0 and ends and behind[0] not in ("/", "|", "*", "+", "?", ")"):
                break
        parts = [
            self.text[self.tokens[a].start() : self.tokens[b - 1].end()] for a, b in self.parts(cuts, self.at)
        ]
        if choice or len(parts) == 1:
            whole = self.text[self.tokens[start].start() : self.tokens[self.at - 1].end()]
            return self.within(start, self.at) if whole.startswith("(") and not choice else [whole]
        return parts

    def within(self, start: int, stop: int) -> list[str]:
        """Return the steps of a sequence in brackets; a path in brackets that is none stays whole."""
        whole = self.text[self.tokens[start].start() : self.tokens[stop - 1].end()]
        if self.closing(start) != stop - 1:
            return [whole]
        cuts, depth = [start + 1], 0
        for index in range(start + 1, stop - 1):
            mark = self.tokens[index][0]
            depth += (mark == "(") - (mark == ")")
            if depth == 0 and mark == "|":
                return [whole]
            if depth == 0 and mark == "/":
                cuts.append(index + 1)
        if len(cuts) == 1:
            return [whole]
        return [
            self.text[self.tokens[a].start() : self.tokens[b - 1].end()] for a, b in self.parts(cuts, stop - 1)
        ]

    def parts(self, cuts: list[int], stop: int) -> list[tuple[int, int]]:
        return list(zip(cuts, [cut - 1 for cut in cuts[1:]] + [stop], strict=True))


def steps_of(triples: list[_Triple]) -> list[str]:
    """Return the path of the last statement; one of several steps would need new variables, and is unknown."""
    if len(triples) != 1:
        raise _Unknown
    return [triples[0][1]]


def _variables(triple: _Triple) -> set[str]:
    return {part[1:] for part in (triple[0], triple[2]) if part[0] in "?$"}


def _in_order(triples: list[_Triple], known: set[str]) -> list[_Triple]:
    """Order triples so that each, if possible, has a variable that is known when it is looked up."""
    rest, ordered, known = list(triples), [], set(known)
    while rest:
        best = max(rest, key=lambda triple: sum(1 for part in (triple[0], triple[2]) if _is_known(part, known)))
        rest.remove(best)
        ordered.append(best)
        known |= _variables(best)
    return ordered


def _is_known(part: str, known: set[str]) -> bool:
    return part[0] not in "?$" or part[1:] in known


def _nested(triples: list[_Triple], conditions: list[str]) -> str:
    first, *others = triples
    told = f"{{ {' '.join(first)} . "
    inner = (
        f"FILTER EXISTS {_nested(others, conditions)} " if others else "".join(f"{text} " for text in conditions)
    )
    return f"{told}{inner}}}"
