"""03/04/2020 is read by what the document shows; where it shows nothing, by the default and with one finding."""

from __future__ import annotations

import json

import pytest

from fundgraph.documents import document_from_bytes
from fundgraph.extract import extract
from fundgraph.model import Extraction

PAGE = """{intro}

Quiet machines in cold rooms
Principal Investigator: Dr. Ann Lindqvist
Start: 03/04/2020
End: {end}

Loud machines in halls
Principal Investigator: Dr. Jonas Ek
Start: 05/06/2021
"""


def read(intro: str, end: str = "03/2022", name: str = "page.txt") -> Extraction:
    """Read a page of two projects."""
    return extract(document_from_bytes(PAGE.format(intro=intro, end=end).encode(), path=name))


def found(extraction: Extraction) -> tuple[list[str | None], int]:
    """Return the starts, and how many dates were found ambiguous."""
    codes = [finding.code for finding in extraction.findings]
    return [project.start for project in extraction.projects], codes.count("ambiguous-date")


@pytest.mark.parametrize(
    ("intro", "end", "start"),
    [
        ("Projects", "28/02/2022", "2020-04-03"),
        ("Projects", "02/28/2022", "2020-03-04"),
        ("Projects of our programme, funded by EPSRC", "03/2022", "2020-04-03"),
        ("Projects of our program, funded by the National Science Foundation", "03/2022", "2020-03-04"),
        ("Alle Projekte, die wir in den letzten Jahren mit der Hilfe von vielen gemacht haben und die nun zu Ende sind", "03/2022", "2020-04-03"),
    ],
)  # fmt: skip
def test_the_document_decides(intro: str, end: str, start: str) -> None:
    """Another date with a part above 12, the words, or the language decide, and nothing is reported."""
    starts, ambiguous = found(read(intro, end))
    assert (starts[0], ambiguous) == (start, 0)


def test_the_default_and_its_finding() -> None:
    """With nothing to go by the month comes first, and one finding for the document says so at the first date."""
    extraction = read("Projects")
    assert found(extraction) == (["2020-03-04", "2021-05-06"], 1)
    (finding,) = [one for one in extraction.findings if one.code == "ambiguous-date"]
    assert (finding.quote, finding.severity, finding.span.line) == ("03/04/2020", "info", 5)
    assert "1 more" in finding.message


def test_other_dates_are_not_in_doubt() -> None:
    """Equal parts, months and years, addresses with slashes: nothing to decide, nothing to report."""
    page = PAGE.replace("03/04/2020", "04/04/2020").replace("05/06/2021", "05/2021")
    text = page.format(intro="See https://example.org/04/05/2020 and 1/2/2019/x", end="2022")
    extraction = extract(document_from_bytes(text.encode(), path="page.txt"))
    assert found(extraction) == (["2020-04-04", "2021-05"], 0)


def test_a_date_that_was_not_read_is_not_reported() -> None:
    """A date in a page's footer is nobody's start, so nobody has to decide how it is meant."""
    text = PAGE.replace("03/04/2020", "2020-04-03").replace("05/06/2021", "2021") + "\nLast update: 01/02/2024\n"
    assert (
        found(extract(document_from_bytes(text.format(intro="Projects", end="2022").encode(), path="p.txt")))[1]
        == 0
    )


@pytest.mark.parametrize(
    ("other", "start", "ambiguous"), [("25/12/2023", "2020-04-03", 0), ("12/25/2023", "2020-03-04", 0), ("01/02/2023", "2020", 1)]
)  # fmt: skip
def test_tables_decide_by_all_their_dates(other: str, start: str, ambiguous: int) -> None:
    """In data of unknown make another row decides; where none does only the year is taken, and that is reported."""
    text = (
        "Title,Principal Investigator,Institution,Start date\n"
        "Quiet machines in cold rooms,Ann Lindqvist,University of Lund,03/04/2020\n"
        f"Loud machines in halls,Jonas Ek,University of Lund,{other}\n"
    )
    extraction = extract(document_from_bytes(text.encode(), path="t.csv"))
    assert (extraction.projects[0].start, found(extraction)[1]) == (start, ambiguous)


def test_a_known_source_s_order_stands() -> None:
    """NSF writes the month first whatever else the document holds."""
    award = {
        "id": "2219044",
        "title": "Quiet machines",
        "startDate": "03/04/2020",
        "pdPIName": "Ann Lindqvist",
        "awardeeName": "U",
    }
    text = json.dumps(
        {"response": {"award": [award, award | {"id": "2219045", "abstractText": "since 25/12/2023"}]}}
    )
    extraction = extract(document_from_bytes(text.encode(), path="nsf.json"))
    assert found(extraction) == (["2020-03-04", "2020-03-04"], 0)
