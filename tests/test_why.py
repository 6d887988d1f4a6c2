"""/explain, fundgraph explain and fundgraph infer."""

from __future__ import annotations

import json
from pathlib import Path

import lxml.html
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from rdflib import Graph

from fundgraph.cli import commands
from fundgraph.reason.rules import RULES
from fundgraph.web.languages import tables
from fundgraph.web.proof_words import LANGUAGE_TERMS

PI = {
    "s": "project:combinatorial-and-implicit-approaches-to-deep-learning",
    "p": "fg:principalInvestigator",
    "o": "person:bernd-sturmfels",
}


def test_the_page_leads_to_the_lines(spp_client: FlaskClient) -> None:
    """The page of an inferred statement names the rule, and links the lines that its premises were read from."""
    answer = spp_client.get("/explain", query_string=PI, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    page = lxml.html.fromstring(answer.text)
    assert "prp-spo2" in [code.text for code in page.iter("code")]
    links = {link.get("href") for link in page.iter("a")}
    assert {"/documents/phase1#L35", "/documents/phase1#L44"} <= links


def test_json(spp_client: FlaskClient) -> None:
    """The JSON has numbered steps, the conclusion last, premises before what they prove."""
    data = spp_client.get("/explain", query_string=PI, headers={"Accept": "application/json"}).get_json()
    assert data["holds"] is True
    steps = data["proof"]["steps"]
    assert steps[-1]["rule"] == "prp-spo2"
    assert all(premise < place for place, step in enumerate(steps) for premise in step["premises"])


def test_a_fact_names_its_source(spp_client: FlaskClient) -> None:
    """A fact that no document states names the source of its table."""
    query = {"s": "person:felix-dietrich", "p": "fg:hasIdentifier", "o": "<https://w3id.org/fundgraph/spp2298/identifier/orcid/0000-0002-2906-1769>"}  # fmt: skip
    data = spp_client.get("/explain", query_string=query, headers={"Accept": "application/json"}).get_json()
    (sources,) = data["sources"].values()
    assert "CITATION.cff" in sources[0]["document"]


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        (PI | {"o": "person:lars-gruene"}, 404, "holds"),
        ({"s": PI["s"], "p": PI["p"]}, 400, "missing"),
        (PI | {"o": '"ice'}, 400, "literal"),
        (PI | {"p": "nope:x"}, 400, "nope"),
    ],
)
def test_what_does_not_hold_or_makes_no_sense(
    spp_client: FlaskClient, query: dict[str, str], status: int, says: str
) -> None:
    """An absent statement is 404 with what comes nearest; a wrong term is 400 and says which."""
    answer = spp_client.get("/explain", query_string=query, headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert says in answer.text


def test_the_command(spp_snapshot: Path) -> None:
    """fundgraph explain prints the tree with lines; exit 1 where the statement does not hold."""
    run = CliRunner().invoke(commands, ["explain", *PI.values(), "--build-dir", str(spp_snapshot)])
    assert run.exit_code == 0
    assert "phase1, line 35" in run.stdout
    absent = CliRunner().invoke(
        commands,
        ["explain", PI["s"], PI["p"], "person:lars-gruene", "--build-dir", str(spp_snapshot), "-f", "json"],
    )
    assert absent.exit_code == 1
    assert json.loads(absent.stdout)["holds"] is False


def test_infer(tmp_path: Path) -> None:
    """fundgraph infer writes only what follows; a contradiction is exit 1 with its premises."""
    data = tmp_path / "data.ttl"
    data.write_text(
        "@prefix e: <http://e/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "e:Cat rdfs:subClassOf e:Animal ; owl:disjointWith e:Stone . e:tom a e:Cat .\n",
        encoding="utf-8",
    )
    run = CliRunner().invoke(commands, ["infer", str(data)])
    assert run.exit_code == 0
    graph = Graph().parse(data=run.stdout, format="turtle")
    assert ("http://e/tom", "http://e/Animal") in {(str(s), str(o)) for s, _, o in graph}
    assert ("http://e/tom", "http://e/Cat") not in {(str(s), str(o)) for s, _, o in graph}
    data.write_text(data.read_text(encoding="utf-8") + "e:tom a e:Stone .\n", encoding="utf-8")
    wrong = CliRunner().invoke(commands, ["infer", str(data)])
    assert wrong.exit_code == 1
    assert "cax-dw" in wrong.stderr or "disjoint" in wrong.stderr
    assert "<http://e/tom> rdf:type <http://e/Stone>  [asserted]" in wrong.stderr
    assert "nothing was written" in wrong.stderr


def test_infer_by_representatives(tmp_path: Path) -> None:
    """What would be too much for each of many same things is refused with what to do, and that can be done."""
    data = tmp_path / "same.nt"
    same = "".join(
        f"<http://e/{i}> <http://www.w3.org/2002/07/owl#sameAs> <http://e/{i + 1}> .\n" for i in range(5000)
    )
    data.write_text(same + "<http://e/5000> <http://e/p> <http://e/q> .\n", encoding="utf-8")
    refused = CliRunner().invoke(commands, ["infer", str(data)])
    assert refused.exit_code == 2
    assert "--representatives" in refused.stderr
    run = CliRunner().invoke(commands, ["infer", "--representatives", "-f", "ntriples", str(data)])
    assert run.exit_code == 0
    assert "> <http://e/p> <http://e/q> ." in run.stdout
    assert len(run.stdout.splitlines()) <= 2 * 5000
    owlrl = CliRunner().invoke(commands, ["infer", "--representatives", "--engine", "owlrl", str(data)])
    assert (owlrl.exit_code, "representatives" in owlrl.stderr) == (2, True)


def test_a_literal_as_a_subject_is_named(tmp_path: Path) -> None:
    """A literal as a subject is one clear message with its line, in a file of lines as in Turtle."""
    for name, text in (
        ("data.nt", '"A" <http://e/p> <http://e/b> .\n'),
        ("data.ttl", '"A" <http://e/p> <http://e/b> .\n'),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        run = CliRunner().invoke(commands, ["infer", str(tmp_path / name)])
        assert run.exit_code == 2
        assert f"{name}:1: " in run.stderr
        assert "subject" in run.stderr


def test_a_proof_is_told_in_words(spp_client: FlaskClient) -> None:
    """The page of a proof names terms of the language and classes without a name in words; in German its rules, too."""
    asked = {"s": "person:martin-burger", "p": "rdf:type", "o": "fg:PrincipalInvestigator"}
    english = spp_client.get("/explain", query_string=asked, headers={"Accept": "text/html"}).text
    page = " ".join(lxml.html.fromstring(english).text_content().split())
    assert "Martin Burger is a principal investigator" in page
    assert "what has as “holds participation” some “principal investigator's participation”" in page
    assert "that list" not in page
    german = spp_client.get("/explain", query_string=asked | {"lang": "de"}, headers={"Accept": "text/html"}).text
    page = " ".join(lxml.html.fromstring(german).text_content().split())
    assert "was zu einer Klasse gehört, gehört zu einer weiteren" in page
    assert "what belongs" not in page


def test_each_rule_and_term_has_german_words() -> None:
    """What a rule says, and each term of the language, has German words."""
    said = tables("de")
    assert {rule.says for rule in RULES} == said["rules"].keys()
    assert set(LANGUAGE_TERMS.values()) == said["language"].keys()


def test_the_page_of_an_absent_statement_names_things(spp_client: FlaskClient) -> None:
    """What is absent, what comes nearest and what is missing for it are told by their labels."""
    asked = {"s": "person:martin-burger", "p": "fg:worksWith", "o": "person:bernd-sturmfels"}
    answer = spp_client.get("/explain", query_string=asked, headers={"Accept": "text/html"})
    page = lxml.html.fromstring(answer.text)
    assert page.xpath("//h1")[0].text == "Martin Burger works with Bernd Sturmfels"
    assert "not there: Bernd Sturmfels works with Martin Burger" in " ".join(page.text_content().split())


def test_things_that_nobody_knows_are_named(spp_client: FlaskClient, spp_snapshot: Path) -> None:
    """An absent statement about a thing of which nothing is said names it, however often it is asked; what is known is not named."""
    asked = {"s": "person:nobody-at-all", "p": "fg:worksWith", "o": "person:martin-burger"}
    for _ in range(2):
        data = spp_client.get("/explain", query_string=asked, headers={"Accept": "application/json"}).get_json()
        assert [term.rpartition("/")[2] for term in data["unknown"]] == ["nobody-at-all>"]
    page = spp_client.get("/explain", query_string=asked, headers={"Accept": "text/html"}).text
    assert "Nothing is said of <code>&lt;https://" in page
    run = CliRunner().invoke(commands, ["explain", *asked.values(), "--build-dir", str(spp_snapshot)])
    assert (run.exit_code, "Nothing is said of <https://" in run.stdout) == (1, True)


def test_the_page_lists_single_steps(spp_client: FlaskClient) -> None:
    """A page leads to all single steps to its statement, and lists each with its rule."""
    page = lxml.html.fromstring(spp_client.get("/explain", query_string=PI, headers={"Accept": "text/html"}).text)
    (link,) = page.xpath("//a[contains(@href, 'ways=1')]/@href")
    ways = spp_client.get("/explain", query_string=PI | {"ways": "1"}).get_json()["ways"]
    asked = lxml.html.fromstring(spp_client.get(link, headers={"Accept": "text/html"}).text)
    rules = asked.xpath("//h2/following-sibling::div/ul/li/p/code/text()")
    assert rules == [way["rule"] for way in ways]
