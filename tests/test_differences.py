"""What changed between two releases: true sentences in two languages, and a patch that makes one of the other."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest

from fundgraph.difference import Change, Difference, compare
from fundgraph.difference.words import SENTENCES
from fundgraph.store.keeping import the_release
from fundgraph.store.snapshot import Snapshot, releases
from fundgraph.store.sorted_file import SortedFile, differences, rdf_patch
from fundgraph.web.languages import LANGUAGES
from tests.conftest import ROOT
from tests.snapshots import BASE, make_snapshot, numbered

pytestmark = pytest.mark.slow

Rivers = tuple[Path, str, str]


@pytest.fixture(scope="module")
def found(rivers: Rivers) -> Difference:
    """The difference of the two releases of the small programme."""
    return compare(*(the_release(rivers[0], name) for name in rivers[1:]))


def patch_of(old: Snapshot, new: Snapshot) -> list[bytes]:
    """The lines of a patch."""
    with SortedFile(old.path / "dataset.nq") as before, SortedFile(new.path / "dataset.nq") as after:
        return list(rdf_patch(before, after, new.base, (old.release, new.release)))


def carried_out(data: bytes, patch: Iterable[bytes]) -> bytes:
    """Carry out a patch on a dataset, by the rules of RDF Patch: each D takes a line away that is there, each A brings one."""
    lines = set(data.splitlines(keepends=True))
    for row in patch:
        mark, _, rest = row.partition(b" ")
        if mark == b"D":
            lines.remove(rest)
        elif mark == b"A":
            assert rest not in lines
            lines.add(rest)
    return b"".join(sorted(lines))


def test_misspelt_names_were_corrected(found: Difference) -> None:
    """A name that a source misspelt in one place, and a name under another IRI, are told as corrections."""
    sentences = found.sentences()
    assert "Ada Quel was corrected to Ada Quell" in sentences
    assert "Cora Fluß was corrected to Cora Fluss" in sentences


def test_who_joined(found: Difference) -> None:
    """Those who come with a phase are counted for it, whether they were there before or not, and nobody else."""
    (joined,) = [change for change in found.changes if change.kind == "joined"]
    assert joined.names == ("Dora Strom", "Emma Delta", "Finn Bank", "Gina Ufer")
    assert joined.text() == "4 people joined in Phase 2: Dora Strom, Emma Delta, Finn Bank and Gina Ufer"
    assert (
        joined.text("de") == "4 Personen kamen hinzu in Phase 2: Dora Strom, Emma Delta, Finn Bank und Gina Ufer"
    )
    assert not [change for change in found.changes if change.kind in ("left", "projects-removed")]


def test_what_came(found: Difference) -> None:
    """A new project is told with its phase, a new document and a changed one are told apart, a finding is resolved."""
    sentences = found.sentences()
    assert "1 project was added in Phase 2: Sand in fast rivers" in sentences
    assert [change.count for change in found.changes if change.kind == "documents-added"] == [1]
    assert [change.count for change in found.changes if change.kind == "documents-changed"] == [1]
    (resolved,) = [change for change in found.changes if change.kind == "findings-resolved"]
    assert any("Ada Quel" in name for name in resolved.names)
    assert not any(
        "Ada Quel”" in name for one in found.changes if one.kind == "findings-new" for name in one.names
    )


def test_the_way_back_is_the_opposite(rivers: Rivers) -> None:
    """From the newer to the older release the same people leave, the project goes, and as many statements move."""
    old, new = (the_release(rivers[0], name) for name in rivers[1:])
    there, back = compare(old, new), compare(new, old)
    assert (there.added, there.removed) == (back.removed, back.added)
    (left,) = [change for change in back.changes if change.kind == "left"]
    (joined,) = [change for change in there.changes if change.kind == "joined"]
    assert left.names == joined.names
    assert [change.names for change in back.changes if change.kind == "projects-removed"] == [
        ("Sand in fast rivers",)
    ]


def test_a_release_and_itself(rivers: Rivers) -> None:
    """Between a release and itself nothing changed, and the patch has no line."""
    one = the_release(rivers[0], "current")
    assert compare(one, one).sentences() == ["Nothing changed"]
    assert [row[:2] for row in patch_of(one, one)] == [b"H ", b"H ", b"TX", b"TC"]


def test_the_patch_makes_the_new_dataset(rivers: Rivers) -> None:
    """Carried out on the old dataset the patch gives the new one to the byte; each of its statements is an N-Quads line."""
    old, new = (the_release(rivers[0], name) for name in rivers[1:])
    patch = patch_of(old, new)
    assert carried_out((old.path / "dataset.nq").read_bytes(), patch) == (new.path / "dataset.nq").read_bytes()
    rows = [row for row in patch if row[:2] in (b"A ", b"D ")]
    parsed = list(ox.parse(b"".join(row[2:] for row in rows), format=ox.RdfFormat.N_QUADS))
    assert len(parsed) == len(rows) > 100
    difference = compare(old, new)
    assert len(rows) == difference.added + difference.removed


def test_the_patch_names_blank_nodes_as_the_canonical_forms_do(tmp_path: Path) -> None:
    """Where blank nodes get other canonical names, the patch still gives the new dataset to the byte."""
    thing, part = f"<{BASE}thing/1>", f"<{BASE}part>"
    first = f'{thing} {part} _:a .\n_:a {part} "one" .\n'
    old = make_snapshot(tmp_path, {"document/a": first + numbered(50)})
    more = f'{first}{thing} {part} _:b .\n_:b {part} "two" .\n_:b {part} _:c .\n_:c {part} "0" .\n'
    new = make_snapshot(tmp_path, {"document/a": more + numbered(49)})
    data = [(one.path / "dataset.nq").read_bytes() for one in (old, new)]
    assert b"_:c14n2" in data[1]
    assert carried_out(data[0], patch_of(old, new)) == data[1]


@pytest.mark.parametrize("block", [1, 100, 1 << 18])
def test_blocks_do_not_matter(rivers: Rivers, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However large the pieces are in which two files are compared, the lines that differ are the same."""
    monkeypatch.setattr(SortedFile.cut, "__defaults__", (block,))
    paths = [the_release(rivers[0], name).path / "dataset.nq" for name in rivers[1:]]
    lines = [set(path.read_bytes().splitlines()) for path in paths]
    with SortedFile(paths[0]) as old, SortedFile(paths[1]) as new:
        rows = list(differences(old, new))
    assert {line for is_new, line in rows if is_new} == lines[1] - lines[0]
    assert {line for is_new, line in rows if not is_new} == lines[0] - lines[1]
    assert len(rows) == len(lines[0] ^ lines[1])


def test_look_up(rivers: Rivers) -> None:
    """What a file says of a thing is found without reading the file: the same lines that a search finds."""
    path = the_release(rivers[0], "current").path / "dataset.nq"
    lines = path.read_bytes().splitlines()
    subjects = {line.split(b" ")[0].decode() for line in lines}
    with SortedFile(path) as dataset:
        for subject in sorted(subjects)[::40]:
            expected = sum(line.startswith(f"{subject} ".encode()) for line in lines)
            assert len(dataset.about(subject)) == expected > 0
        assert not dataset.about("<https://example.org/rivers/person/nobody>")
        assert dataset.holds("https://example.org/rivers/person/ada-quell")
        assert not dataset.holds("https://example.org/rivers/person/ada")


def test_json_tells_all(found: Difference) -> None:
    """Written as JSON and read again a difference is the same; what another version told is not believed."""
    data = json.loads(json.dumps(found.to_jsonable()))
    assert Difference.from_jsonable(data) == found
    with pytest.raises(ValueError, match="another version"):
        Difference.from_jsonable(data | {"version": 0})


def test_every_sentence_is_there_in_every_language() -> None:
    """Each kind of change has a sentence in each language of the interface, with the same blanks, for one and for several."""
    for kind, forms in SENTENCES.items():
        assert set(forms) == set(LANGUAGES), kind
        for language, form in forms.items():
            change = Change(kind, 1, ("A",), what="the code", where="W", before="Qx", after="C")
            many = Change(kind, 7, tuple("ABCDEFG"), what="the code", where="W", before="Qx", after="C")
            for one in (change, many) if form[0] else (many,):
                said = one.text(language)
                assert "{" not in said, (kind, language)
                assert ("Qx" in said) == ("{before}" in form[0]), (kind, language)
                assert said.strip(), (kind, language)
    assert Change("joined", 7, tuple("ABCDEFG")).text() == "7 people joined: A, B, C, D, E and 2 more"
    assert Change("joined", 7, tuple("ABCDEFG")).text("de").endswith("A, B, C, D, E und 2 weitere")


PERSON = "https://w3id.org/fundgraph/ontology#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#label"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def person(slug: str, name: str, *more: str) -> str:
    """N-Triples of a person with a name, two topics, and more."""
    iri = f"<{BASE}person/{slug}>"
    lines = [
        f"{iri} <{TYPE}> <{PERSON}Person> .",
        f'{iri} <{RDFS}> "{name}" .',
        f'{iri} <{PERSON}name> "{name}" .',
    ]
    lines += [f"{iri} <{PERSON}worksOn> <{BASE}topic/{topic}> ." for topic in ("rivers", "sand", *more)]
    return "\n".join(lines) + "\n"


def test_many_values_are_told_together(tmp_path: Path) -> None:
    """A value of few things is told thing by thing, the same of many in one sentence."""
    people = [person(f"p{n}", f"Person {n}") for n in range(5)]
    homes = [f"<{BASE}person/p{n}> <{PERSON}homepage> <https://home.example/{n}> .\n" for n in range(5)]
    old = make_snapshot(tmp_path, {"document/a": "".join(people)})
    few = make_snapshot(tmp_path, {"document/a": "".join(people + homes[:2])})
    all_ = make_snapshot(tmp_path, {"document/a": "".join(people + homes)})
    assert compare(old, few).sentences() == [
        "The homepage of Person 0 is now stated: https://home.example/0",
        "The homepage of Person 1 is now stated: https://home.example/1",
    ]
    assert compare(old, all_).sentences() == [
        "The homepage of 5 things is now stated: Person 0, Person 1, Person 2, Person 3 and Person 4"
    ]


@pytest.mark.parametrize(
    ("after", "says"),
    [
        (person("bernd-bach", "Bernd Bach"), ["Bern Bach was corrected to Bernd Bach"]),
        (person("bern-bach", "Bernd Bach"), ["Bern Bach was corrected to Bernd Bach"]),
        (person("bern-bachmann", "Bern Bachmann"), ["Bern Bach is now called Bern Bachmann"]),
        (person("xaver-zoll", "Xaver Zoll"), ["1 person joined: Xaver Zoll", "1 person is gone: Bern Bach"]),
        (person("bernd-bach", "Bernd Bach", "ice", "snow", "rain", "hail"),
         ["1 person joined: Bernd Bach", "1 person is gone: Bern Bach"]),
        (person("bern-bach", "Bern Bach", "ice"), ["1 other statement changed, such as places in sources"]),
    ],
    ids=["another IRI", "same IRI", "another name", "somebody else", "other statements", "same name"],
)  # fmt: skip
def test_renames(after: str, says: list[str], tmp_path: Path) -> None:
    """A person whose IRI went is the same only if both the statements and the names are alike."""
    old = make_snapshot(tmp_path, {"document/a": person("bern-bach", "Bern Bach") + numbered(5)})
    new = make_snapshot(tmp_path, {"document/a": after + numbered(5)})
    assert compare(old, new).sentences() == says


def taking_part(number: int, who: str, project: str, *, by: str = "participant") -> str:
    """N-Triples of a participation, with no phase, and of its project."""
    part, place = f"<{BASE}participation/{number}>", f"<{BASE}project/{project}>"
    return (
        f'{place} <{TYPE}> <{PERSON}Project> .\n{place} <{PERSON}title> "{project.title()}" .\n'
        f"{part} <{TYPE}> <{PERSON}Participation> .\n{part} <{PERSON}{by}> <{BASE}{who}> .\n"
        f"{part} <{PERSON}inProject> {place} .\n<{BASE}{who}> <{PERSON}holdsParticipation> {part} .\n"
    )


def test_people_and_organisations_without_phases(tmp_path: Path) -> None:
    """Where no phase is known, who was there already has not joined; an organisation takes part and is nobody."""
    home = f'<{BASE}organisation/uni> <{TYPE}> <{PERSON}Organisation> .\n<{BASE}organisation/uni> <{PERSON}name> "Uni" .\n'
    before = person("a-bach", "A Bach") + home + taking_part(1, "person/a-bach", "rivers")
    known = taking_part(2, "person/a-bach", "sand")
    more = person("b-furt", "B Furt") + taking_part(3, "person/b-furt", "rivers")
    place = taking_part(4, "organisation/uni", "rivers", by="participatingOrganisation")
    old = make_snapshot(tmp_path, {"document/a": before})
    new = make_snapshot(tmp_path, {"document/a": before + known + more + place})
    assert compare(old, new).sentences() == [
        "1 project was added: Sand",
        "1 person joined: B Furt",
        "Uni now takes part in Rivers",
    ]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [sys.executable, "-m", "fundgraph", *arguments],
        capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT / "src"), "PATH": ""},
    )  # fmt: skip


def test_the_command(rivers: Rivers) -> None:
    """``fundgraph diff`` tells the sentences, all of it as JSON, and the patch; a name of no release is wrong use."""
    build, old, new = rivers
    where = ("--build-dir", str(build))
    table = run("diff", old, "current", *where)
    assert table.returncode == 0, table.stderr
    assert "  Ada Quel was corrected to Ada Quell.\n" in table.stdout
    assert f"{old} … {new}" in table.stdout
    data = json.loads(run("diff", "previous", "current", "-f", "json", *where).stdout)
    assert (data["old"], data["new"]) == (old, new)
    patch = run("diff", str(build / "releases" / old), str(build), "-f", "patch", *where).stdout.encode()
    before, after = ((build / "releases" / name / "dataset.nq").read_bytes() for name in (old, new))
    assert carried_out(before, patch.splitlines(keepends=True)) == after
    wrong = run("diff", "2001-01-01", "current", *where)
    assert wrong.returncode == 2
    assert old in wrong.stderr


def test_releases_are_listed(rivers: Rivers) -> None:
    """``fundgraph releases`` lists what is kept, the newest first, and says which is current."""
    build, old, new = rivers
    listed = run("releases", "--build-dir", str(build))
    assert [line.split()[0] for line in listed.stdout.splitlines()] == [new, old]
    assert re.search(rf"{new} .* current$", listed.stdout, re.MULTILINE)
    data = json.loads(run("releases", "-f", "json", "--build-dir", str(build)).stdout)
    assert [(one["release"], one["current"]) for one in data["releases"]] == [(new, True), (old, False)]
    assert len(releases(build)) == 2
