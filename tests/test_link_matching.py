"""Comparing things: names, blocks, features, bands."""

from __future__ import annotations

import pytest

from fundgraph.link.entities import Entity
from fundgraph.link.matching import ACCEPT, BANDS, REVIEW, match
from fundgraph.link.names import fold, kolner, name_forms, organisation_key

Row = tuple[str, str, str, float]


def person(iri: str, name: str, **more: object) -> Entity:
    """Make a person."""
    return Entity(f"x:{iri}", "person", name, **more)  # type: ignore[arg-type]


def rows(ours: list[Entity], theirs: list[Entity], kind: str = "person", whole: bool = False) -> list[Row]:
    """Compare, and return pairs with their band and confidence."""
    mine, its, found = match(ours, theirs, kind, whole=whole)
    return [
        (mine.names[a], its.names[b], BANDS[band], float(sure))
        for a, b, band, sure in zip(
            found.ours.tolist(), found.theirs.tolist(), found.band.tolist(), found.confidence.tolist(), strict=True
        )
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Christian Kühn", "Christian Kuehn 0001"), ("Prof. Dr. Michael Möller", "Möller, Michael"), ("David Holzmüller", "D. Holzmueller"),
        ("Lars Grüne", "Lars Grune"), ("Bern Sturmfels", "Bernd Sturmfels"), ("Guido Montúfar", "Guido Montufar"),
        ("J. Lücke", "Jörg Lücke"), ("Sara-Viola Kuntz", "Sara Viola Kuntz"),
        ("Frederik Köhne", "Frederik Koehne"), ("Carla von der Heide", "Heide, Carla von der"), ("Maria Fernández", "Maria Fernández Rodríguez"),
        ("Łukasz Żak", "Lukasz Zak"), ("Anna Müller-Lüdenscheid", "Anna Müller"),
    ],
)  # fmt: skip
def test_spellings_of_one_name_meet(one: str, other: str) -> None:
    """Two spellings of a person's name become a pair, whichever side has which."""
    assert [row[:2] for row in rows([person("a", one)], [person("b", other)])] == [(one, other)]
    assert [row[:2] for row in rows([person("b", other)], [person("a", one)])] == [(other, one)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Martin Frank", "Michael Frank"), ("Frank Schneider", "Frank Schröder"), ("Thomas Kruse", "Tobias Krause"),
        ("J. Lücke", "Asja Lücke"), ("Matthias Hein", "Matthias Heim-Kloft"),
    ],
)  # fmt: skip
def test_different_names_do_not_meet(one: str, other: str) -> None:
    """Names that are two people's make no pair."""
    assert rows([person("a", one)], [person("b", other)]) == []


def test_a_name_alone_is_never_accepted_where_namesakes_are() -> None:
    """Johannes Müller has two candidates with nothing but the name: both are for review, and equally likely."""
    found = rows(
        [person("a", "Johannes Müller")], [person("1", "Johannes Müller"), person("2", "Johannes Mueller")]
    )
    assert [row[2] for row in found] == [REVIEW, REVIEW]
    assert found[0][3] == found[1][3] < 0.5


def test_two_errors_in_a_name_need_evidence() -> None:
    """Fernández Rodríguez and Fernándes Rodríges are a pair where a colleague speaks for it, and none without."""
    one, other = "Pedro Fernández Rodríguez", "Pedro Fernándes Rodríges"
    assert rows([person("a", one)], [person("b", other)]) == []
    with_colleague = {"companions": ("Gitta Kutyniok",)}
    found = rows([person("a", one, **with_colleague)], [person("b", other, **with_colleague)])
    assert [row[:2] for row in found] == [(one, other)]


def test_evidence_tells_namesakes_apart() -> None:
    """Of two people of a name the one with a colleague in common is ahead, and the other one stays visible beside it."""
    ours = person(
        "a", "Johannes Müller", companions=("Bernd Sturmfels", "Guido Montúfar"), affiliations=("MPI Leipzig",)
    )
    theirs = [
        person("1", "Johannes Müller", affiliations=("Universität Bonn",), companions=("Karla Kolumna",)),
        person("2", "Johannes Müller", companions=("B. Sturmfels",)),
    ]
    mine, its, found = match([ours], theirs, "person")
    assert [its.iris[at] for at in found.theirs.tolist()] == ["x:2", "x:1"]
    assert BANDS[int(found.band[0])] == ACCEPT
    assert float(found.confidence[1]) < 0.05
    assert len(mine) == 1


def test_an_initial_alone_is_never_accepted() -> None:
    """A letter in place of the given name never gives more than a review without other evidence."""
    theirs = [person(str(n), f"Vorname{n} Nachname{n}") for n in range(50)] + [person("l", "Jörg Xyzlück")]
    assert [row[2] for row in rows([person("a", "J. Xyzlück")], theirs, whole=True)] == [REVIEW]


def test_two_of_equal_evidence_are_not_accepted() -> None:
    """Two candidates for whom the same speaks share the confidence, and neither is in the first band."""
    ours = person("a", "Thomas Kruse", affiliations=("Universität Gießen",))
    theirs = [
        person(n, "Thomas Kruse", affiliations=("Justus-Liebig-Universität Gießen", "Universität Gießen"))
        for n in "12"
    ]
    assert {row[2] for row in rows([ours], theirs)} == {REVIEW}


def test_features_are_kept_apart() -> None:
    """Each pair carries every feature, and NaN where one side says nothing."""
    ours = person("a", "Martin Burger", affiliations=("FAU Erlangen",), years=(2021, 2024), grants=("441826958",))
    theirs = person(
        "1", "Martin Burger", affiliations=("DESY",), years=(1998, 2030), grants=("DFG 441826958", "441826958")
    )
    _, _, found = match([ours], [theirs], "person")
    values = {name: float(column[0]) for name, column in found.features.items()}
    assert values["name"] == values["time"] == values["grant"] == 1
    assert values["affiliation"] < 0.5
    assert values["topics"] != values["topics"]
    assert values["companions"] != values["companions"]


def test_somebody_of_another_time_is_not_likely() -> None:
    """A namesake whose years ended decades before is left to the last band."""
    ours, theirs = (
        person("a", "Frank Schneider", years=(2021, 2024)),
        person("1", "Frank Schneider", years=(1890, 1931)),
    )
    assert [row[2] for row in rows([ours], [theirs])] == ["reject"]


def test_organisations_are_compared_by_their_telling_words() -> None:
    """German and English names of a university meet; two universities of a kind do not."""
    ours = [
        Entity("a:1", "organisation", "Technical University of Munich"),
        Entity("a:2", "organisation", "Universität Hamburg"),
    ]
    theirs = [
        Entity("r:1", "organisation", "Technische Universität München"), Entity("r:2", "organisation", "Technische Universität Hamburg"),
        Entity("r:3", "organisation", "University of Hamburg"),
    ]  # fmt: skip
    found = rows(ours, theirs, "organisation")
    assert (ours[0].name, theirs[0].name) in {row[:2] for row in found}
    best = max((row for row in found if row[0] == ours[1].name), key=lambda row: row[3])
    assert best[1] == "University of Hamburg"


def test_a_title_that_goes_on_elsewhere_is_found() -> None:
    """A project whose title is longer at the funder is a pair; one with another title is none."""
    ours = [
        Entity(
            "a:1",
            "project",
            "Curse-of-dimensionality-free nonlinear optimal feedback control with deep neural networks",
        ),
        Entity(
            "a:2", "project", "Harmonic AI: Connecting Scientific High-Performance Computing and Deep Learning"
        ),
    ]
    theirs = [
        Entity(
            "g:1", "project", f"{ours[0].name}. A compositionality-based approach via Hamilton-Jacobi-Bellman PDEs"
        ),
        Entity("g:2", "project", "Deep Learning for Weather"),
    ]
    assert [row[:2] for row in rows(ours, theirs, "project")] == [(ours[0].name, theirs[0].name)]


def test_several_processes_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """In however many pieces and processes two lists are compared: the same pairs, features, confidence and bands come out."""
    from fundgraph.link import blocking

    names = [
        f"{given} {family}"
        for given in ("Anna", "Anne", "Jan", "J.")
        for family in ("Kruse", "Krause", "Meyer", "Maier")
    ]
    ours = [person(f"o{n}", name, affiliations=("Universität Kiel",)) for n, name in enumerate(names)]
    theirs = [person(f"t{n}", name, affiliations=("University of Kiel",)) for n, name in enumerate(names * 3)]
    expected = match(ours, theirs, "person", whole=True)[2]
    monkeypatch.setattr(blocking, "AT_ONCE", 10)
    steps: list[tuple[int, int]] = []
    for workers in (1, 2):
        found = match(ours, theirs, "person", whole=True, workers=workers, progress=lambda *at: steps.append(at))[
            2
        ]
        assert found.ours.tolist() == expected.ours.tolist()
        assert found.theirs.tolist() == expected.theirs.tolist()
        assert found.band.tolist() == expected.band.tolist()
        assert found.confidence.tolist() == pytest.approx(expected.confidence.tolist())
    assert len(steps) > 8
    assert steps[-1][0] == steps[-1][1]


def test_names_are_left_out_unread_only_where_they_cannot_be_alike() -> None:
    """The bounds by length and letters lose no pair that is as alike as is asked for."""
    import random

    import numpy as np
    from rapidfuzz import fuzz
    from rapidfuzz.distance import JaroWinkler

    from fundgraph.link.features import Texts

    draw = random.Random(5)
    texts = ["", "a", "ñu"] + ["".join(draw.choices("abcdeé ", k=draw.randint(2, 9))) for _ in range(150)]
    one, other = (side.ravel() for side in np.meshgrid(np.arange(len(texts)), np.arange(len(texts))))
    names = Texts(texts)
    letters, sound = names.alike(one, other, 0.82), names.sound_alike(one, other, 0.88)
    for at, (left, right) in enumerate(zip(one.tolist(), other.tolist(), strict=True)):
        ratio = fuzz.ratio(texts[left], texts[right]) / 100
        assert letters[at] == pytest.approx(ratio if ratio >= 0.82 else 0, abs=1e-5)
        jaro = JaroWinkler.similarity(texts[left], texts[right])
        assert sound[at] == pytest.approx(jaro if jaro >= 0.88 else 0, abs=1e-5)


def test_what_is_rare_speaks_louder() -> None:
    """In a target that is whole, a place in common that hardly anybody has makes a pair surer than one that many have."""
    crowd = [person(f"c{n}", f"Vorname{n} Nachname{n}", affiliations=("Universität Kiel",)) for n in range(60)]
    sure = []
    for place in ("Universität Kiel", "Sternwarte Sonneberg"):
        ours = person("a", "Martin Frank", affiliations=(place,))
        theirs = [person("1", "Martin Frank", affiliations=(place,)), *crowd]
        sure.append(rows([ours], theirs, whole=True)[0][3])
    assert sure[0] < sure[1]


def test_a_town_s_two_universities_are_two() -> None:
    """Somebody at a town's technical university is not taken to be at its university, however alike the names are."""
    ours = person("a", "Martin Frank", affiliations=("Universität Braunschweig",))
    for place, least in (("TU", 0), ("Technische Universität Braunschweig", 0), ("University of Braunschweig", 1)):
        found = match([ours], [person("1", "Martin Frank", affiliations=(place,))], "person")[2]
        assert (float(found.features["affiliation"][0]) > 0.75) == bool(least), place


def test_nothing_to_compare_is_no_error() -> None:
    """No things, no candidates, and names without letters give no pairs."""
    assert rows([], []) == rows([person("a", "Ada")], []) == rows([person("a", "–")], [person("b", "Ada")]) == []


def test_steps_of_a_name() -> None:
    """Folding, honorifics, readings and sounds are as documented."""
    assert fold("Günnemann") == fold("Guennemann") == "gunnemann"
    assert next(name_forms("PD Dr. habil. Jörg Lücke (Oldenburg)")).given == "jorg"
    assert [form.family for form in name_forms("Pedro Fernández Rodríguez")] == [
        "rodriguz",
        "fernandez rodriguz",
        "fernandez",
    ]
    assert kolner("fernandez") == kolner("fernandes")
    assert (
        organisation_key("University of Bonn")
        == organisation_key("Universität Bonn")
        != organisation_key("Universität Köln")
    )
