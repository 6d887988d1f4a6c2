"""Each fact of a page leads to its line, its source or its proof, and one sees of which sort it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urldefrag

import pytest
from lxml import html

from fundgraph.web.evidence import term_of

#: One page of each kind; two of those whose facts come in two ways.
PAGES = (
    "/project/adaptive-neural-tensor-networks-for-parametric-pdes",
    "/project/multiscale-dynamics-of-neural-nets-via-stochastic-graphops",
    "/person/bernd-sturmfels", "/person/felix-dietrich", "/topic/bayesian-inference", "/topic/deep-learning",
    "/organisation/dfg", "/organisation/university-of-tuebingen", "/phase/1", "/phase/2",
    "/publication/the-evidence-lower-bound-of-variational-autoencoders-converges-to-a-sum-of-three", "/programme",
)  # fmt: skip
SORTS = {"read", "inferred", "linked", "counted", "stated"}
#: Where facts stand: what defines a term of a list of facts, the items of lists, the phases that something is in.
FACTS = (
    "//dl[contains(@class, 'facts')]/dd | //section//*[self::ul or self::ol][contains(@class, 'list')]/li"
    " | //ul[contains(@class, 'more')]/li | //ol[contains(@class, 'band')]/li[@class='in']"
)
NOTHING = ("not stated", "not known")


def page(client: Any, path: str) -> html.HtmlElement:
    """Return a page that must be there."""
    response = client.get(path, headers={"Accept": "text/html"})
    assert response.status_code == 200, (path, response.text[:500])
    return html.document_fromstring(response.data)


def marks(element: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """Yield the marks in an element."""
    yield from element.xpath(".//*[contains(concat(' ', @class, ' '), ' mark ')]")


@pytest.mark.parametrize("path", PAGES)
def test_every_fact_has_a_mark(spp_client: Any, path: str) -> None:
    """Whatever a page states bears a mark that says in words, by its shape and by its class where it comes from."""
    tree = page(spp_client, path)
    facts = [fact for fact in tree.xpath(FACTS) if fact.text_content().strip() not in NOTHING]
    assert len(facts) >= 2
    bare = [" ".join(fact.text_content().split())[:80] for fact in facts if not list(marks(fact))]
    assert bare == []
    assert all(len(list(marks(fact))) <= 8 for fact in facts)
    for mark in marks(tree.xpath("//main")[0]):
        sorts = set(mark.get("class").split()) & SORTS
        assert len(sorts) == 1
        assert mark.xpath("span[@class='vh']")[0].text_content().strip()
        assert mark.xpath("span[@aria-hidden='true']")[0].text_content().strip()


@pytest.mark.parametrize("path", PAGES)
def test_marks_lead_to_what_they_say(spp_client: Any, path: str) -> None:
    """The mark of what was read leads to its line, that of what was inferred or set down to a proof that holds."""
    tree = page(spp_client, path)
    seen: set[tuple[str, str]] = set()
    for mark in marks(tree.xpath("//main")[0]):
        href = mark.get("href")
        sort = (set(mark.get("class").split()) & SORTS).pop()
        if href is None:
            assert (sort, bool(mark.get("title"))) == (
                "linked",
                True,
            )  # a source that is no address: it says its name
            continue
        target, line = urldefrag(href)
        if (sort, target) in seen or (sort in ("inferred", "counted") and len(seen) > 25):
            continue
        seen.add((sort, target))
        if target.startswith("https://"):
            assert sort == "linked"
            continue
        shown = page(spp_client, target)
        if target.startswith("/documents/"):
            assert sort == "read"
            assert not line or shown.xpath(f"//li[@id='{line}']")
        elif sort == "counted":
            assert shown.xpath("//textarea[@name='query']")[0].text.strip()
        else:
            assert target.startswith("/explain?")
            assert shown.xpath("//div[@class='proof']"), href


def test_sorts_are_told_in_the_legend(spp_client: Any) -> None:
    """The foot of a page tells all sorts of marks apart, each with its sign."""
    legend = page(spp_client, "/").xpath("//p[@class='legend']")[0]
    assert {(set(mark.get("class").split()) & SORTS).pop() for mark in marks(legend)} == SORTS
    assert len({mark.text_content() for mark in marks(legend)}) == len(SORTS)


@pytest.mark.parametrize(
    ("row", "term"),
    [
        ({"object": "2021", "datatype": "http://www.w3.org/2001/XMLSchema#gYear", "language": ""}, '"2021"^^<http://www.w3.org/2001/XMLSchema#gYear>'),
        ({"object": 'a "b"', "datatype": "http://www.w3.org/2001/XMLSchema#string", "language": ""}, '"a \\"b\\""'),
        ({"object": "Eis", "datatype": "x", "language": "de"}, '"Eis"@de'),
        ({"object": "https://example.org/a", "datatype": "", "language": ""}, "https://example.org/a"),
    ],
)  # fmt: skip
def test_terms_for_proofs(row: dict[str, str], term: str) -> None:
    """The object of a statement is written as the explanation takes it."""
    assert term_of(row) == term
