"""Who is who: within a page, and across the documents of a programme."""

from __future__ import annotations

from fundgraph.documents import document_from_bytes
from fundgraph.extract import extract
from fundgraph.extract.identity import resolve_identities
from fundgraph.model import Extraction, ReadingOptions


def read(text: str, name: str = "page.txt", **options: object) -> Extraction:
    """Read a page given as text."""
    return extract(document_from_bytes(text.encode(), path=name), ReadingOptions(**options))  # type: ignore[arg-type]


def listed(header: str, members: str) -> Extraction:
    """Read a project with this header and this list."""
    return read(f"Deep things\n{header}\n\nAbstract\n\nWe study it.\n\nParticipants\n\n{members}\n")


def test_siblings_in_one_project_stay_two_people() -> None:
    """Two similar names that both stand in header and list are two people."""
    found = listed("Prof. Anna Schmidt, Anne Schmidt", "Prof. Anna Schmidt\nAnne Schmidt")
    assert [person.id for person in found.people] == ["anna-schmidt", "anne-schmidt"]
    assert found.findings == ()


def test_different_names_in_one_place_stay_two_people() -> None:
    """A name of the header and quite another in the list are two people, each missing in one place."""
    found = listed("Prof. Anna Schmidt, Jan Becker", "Prof. Anna Schmidt\nEva Kurz")
    assert sorted(finding.code for finding in found.findings) == ["missing-in-header", "missing-in-list"]


def test_initials_are_the_full_name() -> None:
    """An abbreviated given name is the same person, and no misprint."""
    found = listed("Prof. J. Lücke", "Prof. Jörg Lücke")
    assert [(person.name, person.misspellings) for person in found.people] == [("Jörg Lücke", ())]
    assert found.findings == ()


def test_a_lost_accent_is_reported() -> None:
    """A name without its accent is the same person, and the page is told."""
    found = listed("Prof. Guido Montúfar", "Prof. Guido Montufar")
    assert [(p.id, p.name, p.misspellings) for p in found.people] == [
        ("guido-montufar", "Guido Montúfar", ("Guido Montufar",))
    ]
    assert [(finding.span.line, finding.code) for finding in found.findings] == [(10, "name-variant")]


def test_the_more_frequent_spelling_is_right() -> None:
    """A header's misprint loses against the spelling of the rest of the page."""
    found = read(
        "Deep things\nProf. Bern Sturmfels\n\nParticipants\n\nProf. Bernd Sturmfels\n\n"
        "Other things\nProf. Bernd Sturmfels\n"
    )
    assert [(person.id, person.misspellings) for person in found.people] == [
        ("bernd-sturmfels", ("Bern Sturmfels",))
    ]
    assert [(f.span.line, f.code) for f in found.findings] == [(2, "name-variant")]


def test_decisions_about_identities_win() -> None:
    """The programme's own word on who is who overrides the name, for all projects or for one."""
    text = "Deep things\nProf. Jan Müller\n\nOther things\nProf. Jan Müller\n"
    assert {p.id for p in read(text, identities={"jan-mueller": "jan-mueller-bonn"}).people} == {
        "jan-mueller-bonn"
    }
    one = read(text, identities={"other-things/jan-mueller": "jan-mueller-2"})
    assert [person.id for person in one.people] == ["jan-mueller", "jan-mueller-2"]


def test_people_keep_their_id_across_documents() -> None:
    """Another spelling of a name in a later document gets the id of the earlier one."""
    first = read("Deep things\nProf. Jörg Müller\n", "phase1.txt")
    second = read("Other things\nProf. Jorg Muller\n", "phase2.txt")
    resolved = resolve_identities([first, second])
    assert resolved[0] == first
    assert [person.id for person in resolved[1].people] == ["joerg-mueller"]
    assert resolved[1].projects[0].people[0].person_id == "joerg-mueller"


def test_a_misprint_in_a_later_document_is_the_same_person() -> None:
    """In the same project a small difference is a misprint; in another project it is another person."""
    first = read("Deep things\nProf. Bernd Sturmfels\n", "phase1.txt")
    same = read("Deep things\nProf. Bern Sturmfels\n", "phase2.txt")
    other = read("Other things\nProf. Bern Sturmfels\n", "phase2.txt")
    merged = resolve_identities([first, same])[1]
    assert [(p.id, p.name, p.misspellings) for p in merged.people] == [
        ("bernd-sturmfels", "Bernd Sturmfels", ("Bern Sturmfels",))
    ]
    assert [finding.code for finding in merged.findings if finding.code == "name-variant"] == ["name-variant"]
    assert [person.id for person in resolve_identities([first, other])[1].people] == ["bern-sturmfels"]


def test_ids_do_not_depend_on_other_documents() -> None:
    """Resolving a document alone changes nothing."""
    page = read("Deep things\nProf. Jörg Müller, Eva Kurz\n")
    assert resolve_identities([page]) == [page]
