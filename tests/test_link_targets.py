"""Asking targets: real servers on loopback, with all that goes wrong with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fundgraph.errors import LinkError, TargetError, UsageError
from fundgraph.link.asking import Asker
from fundgraph.link.entities import Entity, write_entities
from fundgraph.link.rest import orcid_record
from fundgraph.link.sparql import with_names
from fundgraph.link.targets import read_targets, source_of
from tests.link_targets import DBLP, WIKIDATA, Replay, oxigraph, replaying

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "data" / "targets.toml"
STRUCTURED = ROOT.parent / "shared" / "documents" / "structured"


@pytest.fixture
def server() -> Iterator[tuple[str, type[Replay]]]:
    """The server of REST answers."""
    with replaying() as made:
        yield made


def asked(target: str, address: str, kind: str, name: str, tmp_path: Path) -> list[Entity]:
    """Ask a target of the shipped table, moved to another address."""
    moved = replace(read_targets(TABLE)[target], address=address, per_second=1000)
    return list(source_of(moved, kind, tmp_path).candidates(kind, [name]))


def test_the_shipped_table_has_all_targets() -> None:
    """The targets that the desk is for are in the table, each with a way to ask and a kind to ask for."""
    targets = read_targets(TABLE)
    assert set(targets) == {
        "wikidata",
        "dblp",
        "semopenalex",
        "mardi",
        "orkg",
        "orcid",
        "openalex",
        "ror",
        "openaire",
        "gepris",
    }
    assert all(target.kinds and target.address.startswith("https://") for target in targets.values())


def test_wikidata_is_asked_in_its_own_vocabulary(tmp_path: Path) -> None:
    """The shipped query finds people of Wikidata by label, with employer, ORCID and namesakes, and no other things."""
    with oxigraph(tmp_path / "w", WIKIDATA) as endpoint:
        found = asked("wikidata", endpoint, "person", "Ada Quell", tmp_path / "cache")
    assert [one.iri.rsplit("/", 1)[-1] for one in found] == ["Q100001", "Q100002"]
    assert found[0].affiliations == ("University of Examples",)
    assert found[0].identifiers == ("https://orcid.org/0000-0002-1825-0097",)
    assert found[0].note == "born 1980"


def test_dblp_is_asked_in_its_own_vocabulary(tmp_path: Path) -> None:
    """The shipped query finds a person of DBLP by another name of theirs, with works, years and co-authors."""
    with oxigraph(tmp_path / "d", DBLP) as endpoint:
        (found,) = asked("dblp", endpoint, "person", "Ada Quell", tmp_path / "cache")
    assert (found.name, found.companions, found.titles, found.years) == (
        "Ada Quell 0001",
        ("Ben Fluss",),
        ("On Wells.",),
        (2021, 2021),
    )


def test_our_own_endpoint_is_a_target_by_configuration_alone(tmp_path: Path) -> None:
    """A SPARQL target that nobody has heard of is a table in a file."""
    table = tmp_path / "targets.toml"
    with oxigraph(tmp_path / "o", '<https://x.example/1> <https://x.example/called> "Ada Quell" .') as endpoint:
        table.write_text(
            f'[[target]]\nid = "mine"\nway = "sparql"\naddress = "{endpoint}"\nper_second = 100\n'
            "person = '''SELECT ?thing ?label { VALUES ?name { \"x\" } ?thing <https://x.example/called> ?name BIND(?name AS ?label) }'''\n",
            encoding="utf-8",
        )
        (found,) = source_of(read_targets(table)["mine"], "person", tmp_path / "cache").candidates(
            "person", ["Ada Quell", 'O"Hara']
        )
    assert (found.iri, found.name) == ("https://x.example/1", "Ada Quell")


@pytest.mark.parametrize(
    ("target", "kind", "expected"),
    [
        ("orcid", "person", Entity(
            "https://orcid.org/0000-0002-1825-0097", "person", "Ada Quell", ("A. M. Quell",), ("University of Examples",),
            topics=("wells",), titles=("On Wells", "Wells"), grants=("441826958",),
            identifiers=("https://orcid.org/0000-0002-1825-0097",), years=(2015, 2021),
        )),
        ("openalex", "person", Entity(
            "https://openalex.org/A5000000001", "person", "Ada Quell", ("A. Quell",), ("University of Examples",), topics=("Hydrology",),
            identifiers=("https://orcid.org/0000-0002-1825-0097",), years=(2019, 2023), note="12 works",
        )),
        ("ror", "organisation", Entity(
            "https://ror.org/05591te55", "organisation", "University of Examples", ("Universität Beispiel",),
            identifiers=("https://ror.org/05591te55",), place=(50.73438, 7.09549), note="Bonn, Germany (50.7344, 7.0955)",
        )),
        ("openaire", "project", Entity(
            "https://explore.openaire.eu/search/project?projectId=dfg_________::1", "project", "Wells and Springs", ("WELLS",),
            topics=("Hydrology",), grants=("464109215",), years=(2021, 2024), note="DFG",
        )),
        ("gepris", "project", Entity(
            "https://gepris.dfg.de/gepris/projekt/464109215", "project", "Wells and Springs", (), ("University of Examples",),
            ("Dr. Ada Quell",), grants=("464109215",), identifiers=("https://gepris.dfg.de/gepris/projekt/464109215",), years=(2021, 2024),
        )),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_rest_answers_become_things(
    target: str, kind: str, expected: Entity, server: tuple[str, type[Replay]], tmp_path: Path
) -> None:
    """The answers of each REST target are read with all that they say."""
    path = "/" + target
    assert asked(target, server[0] + path, kind, "Ada Quell", tmp_path) == [expected]
    assert all(agent.startswith("fundgraph/") for _, _, agent in server[1].seen)


@pytest.mark.skipif(not STRUCTURED.is_dir(), reason="the shared documents are not here")
def test_a_record_of_orcid_s_own_sandbox_is_read() -> None:
    """ORCID's published example of a record, with all its odd values, becomes a person."""
    entity = orcid_record(json.loads((STRUCTURED / "orcid_record.json").read_text(encoding="utf-8")))
    assert entity.iri == "https://orcid.org/0000-0002-7319-2192"
    assert entity.affiliations
    assert entity.grants


class Clock:
    """Counts the seconds that are slept, and does not sleep."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


def asker(tmp_path: Path, **more: object) -> tuple[Asker, Clock]:
    """Make an asker that is quick."""
    clock = Clock()
    values: dict[str, object] = {"per_second": 1000, "timeout": 5.0, "sleep": clock}
    return Asker("Test", tmp_path, **(values | more)), clock  # type: ignore[arg-type]


def test_a_busy_target_is_asked_again_after_as_long_as_it_says(
    server: tuple[str, type[Replay]], tmp_path: Path
) -> None:
    """After 429 with Retry-After the next try waits that long, and the answer comes in the end."""
    ask, clock = asker(tmp_path)
    assert ask.json(f"{server[0]}/busy/openalex/authors")["meta"] == {"count": 1}
    assert [seconds for seconds in clock.slept if seconds >= 1] == [3.0, 3.0]
    assert ask.asked == 3


def test_broken_json_is_asked_for_again(server: tuple[str, type[Replay]], tmp_path: Path) -> None:
    """An answer that breaks off is no answer; the next one counts."""
    ask, _ = asker(tmp_path)
    assert ask.json(f"{server[0]}/broken/openalex/authors")["meta"] == {"count": 1}
    assert ask.asked == 2


def test_tries_end(server: tuple[str, type[Replay]], tmp_path: Path) -> None:
    """A target that is down is asked so many times, each time after about twice as long, and then given up with its name."""
    ask, clock = asker(tmp_path, retries=3, per_second=1.0)
    with pytest.raises(TargetError, match=r"Test: it answers 503; asked 4 times"):
        ask.json(f"{server[0]}/down/openalex/authors")
    assert ask.asked == 4
    # Between two tries: the wait after a failure, then what is left of the distance between requests.
    assert [1 <= wait / 2**n <= 1.25 for n, wait in enumerate(clock.slept[::2])] == [True, True, True]


def test_a_refusal_is_not_asked_for_again(server: tuple[str, type[Replay]], tmp_path: Path) -> None:
    """403 will be 403 again: one request."""
    ask, _ = asker(tmp_path)
    with pytest.raises(TargetError, match="403"):
        ask.json(f"{server[0]}/refused/openalex/authors")
    assert ask.asked == 1


def test_a_slow_target_is_not_waited_for(server: tuple[str, type[Replay]], tmp_path: Path) -> None:
    """What takes longer than the timeout is given up."""
    ask, _ = asker(tmp_path, timeout=0.3, retries=0)
    with pytest.raises(TargetError, match="within"):
        ask.json(f"{server[0]}/slow/openalex/authors")


def test_answers_are_kept_with_their_date(server: tuple[str, type[Replay]], tmp_path: Path) -> None:
    """The second question is answered from the disk, and the file says when the answer came."""
    url = f"{server[0]}/openalex/authors"
    first, again = (asker(tmp_path)[0] for _ in range(2))
    assert first.json(url) == again.json(url)
    assert (first.asked, again.asked) == (1, 0)
    (kept,) = tmp_path.glob("*/*.json")
    assert json.loads(kept.read_text(encoding="utf-8"))["fetched"].startswith("20")


def test_an_old_answer_is_better_than_none(server: tuple[str, type[Replay]], tmp_path: Path) -> None:
    """Where the target is down, an answer that is no longer fresh is taken, and counted as such."""
    url = f"{server[0]}/down/openalex/authors"
    with pytest.raises(TargetError):
        asker(tmp_path, retries=0)[0].json(url)
    digest = hashlib.sha256(url.encode()).hexdigest()
    (tmp_path / digest[:2]).mkdir()
    (tmp_path / digest[:2] / f"{digest}.json").write_text(
        '{"fetched": "2020-01-01T00:00:00+00:00", "answer": {"old": 1}}'
    )
    ask, _ = asker(tmp_path, retries=0)
    assert ask.json(url) == {"old": 1}
    assert ask.stale == 1


def test_requests_keep_their_distance(server: tuple[str, type[Replay]], tmp_path: Path) -> None:
    """At one in a hundred seconds each request but the first waits for what is left of them since the one before."""
    ask, clock = asker(tmp_path, per_second=0.01)
    for number in range(4):
        ask.json(f"{server[0]}/openalex/authors?n={number}")
    assert len(server[1].seen) == 4
    assert len(clock.slept) == 3
    assert all(50 < seconds <= 100 for seconds in clock.slept), clock.slept


def test_another_shape_is_the_target_s_fault(server: tuple[str, type[Replay]], tmp_path: Path) -> None:
    """JSON of another shape is an error that names the target, never an empty list."""
    with pytest.raises(TargetError, match="OpenAlex: the answer has no list results"):
        asked("openalex", f"{server[0]}/shape", "person", "Ada", tmp_path)


def test_a_sparql_target_that_is_none(server: tuple[str, type[Replay]], tmp_path: Path) -> None:
    """What answers a query with other JSON, with 403, or not at all, is told with its name."""
    ask, _ = asker(tmp_path, retries=0)
    query = "SELECT ?x { VALUES ?name { 1 } }"
    for path, words in (("/openalex/authors", "not SPARQL results"), ("/refused/x", "403"), ("/down/x", "503")):
        with pytest.raises(TargetError, match=f"Test: .*{words}"):
            ask.select(server[0] + path, query)
    with pytest.raises(TargetError, match="connection failed"):
        ask.select("http://127.0.0.1:1/x", query)


def test_names_cannot_leave_their_quotes() -> None:
    """A name with quotes, braces and backslashes stays one literal; language tags of the example are asked for each name."""
    query = 'SELECT ?thing { VALUES ?name { "x"@en "x" } ?thing ?p ?name }'
    assert '"a\\" } DROP \\\\"@en' in with_names(query, ['a" } DROP \\'])
    assert '"a\\" } DROP \\\\" ' in with_names(query, ['a" } DROP \\'])


def test_a_dump_is_a_file_of_things(tmp_path: Path) -> None:
    """A dump gives its things of the kind; one that is not there, or has a broken line, is told."""
    table = tmp_path / "targets.toml"
    table.write_text('[[target]]\nid = "d"\nway = "dump"\naddress = "d.jsonl"\nwhole = true\nperson = "all"\n')
    target = read_targets(table)["d"]
    with pytest.raises(LinkError, match="is not there"):
        source_of(target, "person", tmp_path).candidates("person", [])
    things = [Entity("x:1", "person", "Ada", years=(2000, 2001)), Entity("x:2", "project", "Wells")]
    assert write_entities(tmp_path / "d.jsonl", things) == 2
    assert list(source_of(target, "person", tmp_path).candidates("person", [])) == things[:1]
    with pytest.raises(UsageError, match="not asked for"):
        source_of(target, "topic", tmp_path)
    (tmp_path / "d.jsonl").write_text('{"iri": "x:1", "kind": "person", "name": "A"}\n{"no": 1}\n')
    with pytest.raises(LinkError, match=r"d\.jsonl:2"):
        list(source_of(target, "person", tmp_path).candidates("person", []))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[target]]\nid = "A"\nway = "dump"\naddress = "x"\nperson = "x"', "id may hold"),
        ('[[target]]\nid = "a"\nway = "fax"\naddress = "x"\nperson = "x"', "no way 'fax'"),
        ('[[target]]\nid = "a"\nway = "rest"\naddress = "x"\nreader = "y"\nperson = "x"', "no reader 'y'"),
        ('[[target]]\nid = "a"\nway = "rest"\naddress = "x"\nreader = "ror"\nperson = "x"', "has no {name}"),
        ('[[target]]\nid = "a"\nway = "sparql"\naddress = "x"\nperson = "SELECT"', "has no VALUES"),
        ('[[target]]\nid = "a"\nway = "dump"\naddress = "x"', "no kind of thing"),
        (
            '[[target]]\nid = "a"\nway = "dump"\naddress = "x"\nperson = "x"\nper_second = 0',
            "per_second is a number",
        ),
        ("[[goal]]\n", "no table 'goal'"),
    ],
)
def test_a_broken_table_of_targets_is_told(text: str, words: str, tmp_path: Path) -> None:
    """What is wrong in the table of targets is told with the file."""
    (tmp_path / "targets.toml").write_text(text)
    with pytest.raises(LinkError, match=words.replace("{", r"\{")) as caught:
        read_targets(tmp_path / "targets.toml")
    assert caught.value.where
