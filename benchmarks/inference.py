"""Inference at size: our engines, owlrl, reasonable and Jena over the same generated universities, in one run.

The generator is ours, in the manner of LUBM: departments with professors, students, courses and publications, over
an ontology with hierarchies, domains, ranges, inverses, a transitive and a symmetric property, chains, restrictions,
a key and disjoint classes. Seeded, so the same size gives the same triples.

    python benchmarks/inference.py [SIZE…]     sizes in triples, such as 100000 1000000

Jena is asked if ``JENA_JARS`` names the folder of its jars (Maven's ``dependency:copy-dependencies`` of
``org.apache.jena:jena-arq``). Each engine runs in a process of its own. Under *CPU* are the seconds of processors that
the closure took: on a machine that is busy with other things (see *load*) they say more than the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fundgraph.reason.closure import Closure

U = "http://example.org/univ#"
D = "http://example.org/data/"
RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
ONTOLOGY = """
@prefix u: <http://example.org/univ#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
u:Person a owl:Class . u:Employee a owl:Class ; rdfs:subClassOf u:Person .
u:Faculty a owl:Class ; rdfs:subClassOf u:Employee . u:Professor a owl:Class ; rdfs:subClassOf u:Faculty .
u:FullProfessor a owl:Class ; rdfs:subClassOf u:Professor . u:Lecturer a owl:Class ; rdfs:subClassOf u:Faculty .
u:Student a owl:Class ; rdfs:subClassOf u:Person ;
    owl:equivalentClass [ a owl:Restriction ; owl:onProperty u:takesCourse ; owl:someValuesFrom u:Course ] .
u:GraduateStudent a owl:Class ; rdfs:subClassOf u:Student .
u:Chair a owl:Class ; rdfs:subClassOf u:Professor ;
    owl:equivalentClass [ a owl:Restriction ; owl:onProperty u:headOf ; owl:someValuesFrom u:Department ] .
u:Organisation a owl:Class . u:Department a owl:Class ; rdfs:subClassOf u:Organisation .
u:University a owl:Class ; rdfs:subClassOf u:Organisation . u:Group a owl:Class ; rdfs:subClassOf u:Organisation .
u:Course a owl:Class . u:GraduateCourse a owl:Class ; rdfs:subClassOf u:Course . u:Publication a owl:Class .
u:Person owl:disjointWith u:Organisation . u:Person owl:disjointWith u:Course .
u:worksFor a owl:ObjectProperty ; rdfs:subPropertyOf u:memberOf . u:headOf rdfs:subPropertyOf u:worksFor .
u:memberOf a owl:ObjectProperty ; owl:inverseOf u:member . u:member a owl:ObjectProperty .
u:subOrganisationOf a owl:ObjectProperty , owl:TransitiveProperty .
u:advisor a owl:ObjectProperty ; rdfs:domain u:Person ; rdfs:range u:Professor .
u:teacherOf a owl:ObjectProperty ; rdfs:domain u:Faculty ; rdfs:range u:Course .
u:takesCourse a owl:ObjectProperty . u:author a owl:ObjectProperty ; rdfs:domain u:Publication ; rdfs:range u:Person .
u:worksWith a owl:ObjectProperty , owl:SymmetricProperty .
u:memberOfUniversity a owl:ObjectProperty ; owl:propertyChainAxiom ( u:memberOf u:subOrganisationOf ) .
u:taughtBy a owl:ObjectProperty ; owl:inverseOf u:teacherOf .
u:hasTeacher a owl:ObjectProperty ; owl:propertyChainAxiom ( u:takesCourse u:taughtBy ) .
u:name a owl:DatatypeProperty . u:email a owl:DatatypeProperty . u:age a owl:DatatypeProperty ; rdfs:range xsd:integer .
KEY
"""
KEY = "u:Professor owl:hasKey ( u:email ) ."


def iri(local: str) -> str:
    """Return a term of the ontology."""
    return f"<{U}{local}>"


def universities(size: int, seed: int = 2298) -> Iterator[tuple[str, str, str]]:
    """Yield about ``size`` triples of generated universities, in terms of N-Triples."""
    made = 0
    number = 0
    while made < size:
        for triple in department(number, random.Random(f"{seed}-{number}")):
            yield triple
            made += 1
        number += 1


def department(number: int, chance: random.Random) -> Iterator[tuple[str, str, str]]:
    """Yield the triples of one department; fifteen departments make a university."""
    base = f"{D}u{number // 15}/d{number % 15}"
    here, university = f"<{base}>", f"<{D}u{number // 15}>"
    yield here, RDF_TYPE, iri("Department")
    yield here, iri("subOrganisationOf"), university
    if number % 15 == 0:
        yield university, RDF_TYPE, iri("University")
    for group in range(8):
        yield f"<{base}/g{group}>", iri("subOrganisationOf"), here
        yield f"<{base}/g{group}>", RDF_TYPE, iri("Group")
    professors = [f"<{base}/p{place}>" for place in range(10)]
    courses = [f"<{base}/c{place}>" for place in range(20)]
    for place, professor in enumerate(professors):
        yield professor, RDF_TYPE, iri("FullProfessor" if place < 4 else "Lecturer")
        yield professor, iri("headOf" if place == 0 else "worksFor"), here
        yield professor, iri("name"), f'"Professor {number}-{place}"'
        yield professor, iri("email"), f'"p{place}@d{number}.example.org"'
        yield professor, iri("age"), f'"{chance.randint(30, 65)}"^^<http://www.w3.org/2001/XMLSchema#integer>'
        yield professor, iri("worksWith"), professors[(place + 1) % 10]
        for course in courses[2 * place : 2 * place + 2]:
            yield professor, iri("teacherOf"), course
            yield course, RDF_TYPE, iri("GraduateCourse" if place % 3 else "Course")
        for publication in range(5):
            work = f"<{base}/p{place}/w{publication}>"
            yield work, iri("author"), professor
            yield work, iri("name"), f'"Work {publication} of {number}-{place}"'
    for place in range(80):
        student = f"<{base}/s{place}>"
        if place % 5 == 0:
            yield student, RDF_TYPE, iri("GraduateStudent")
        yield student, iri("memberOf"), here
        yield student, iri("name"), f'"Student {number}-{place}"'
        for course in chance.sample(courses, 3):
            yield student, iri("takesCourse"), course
        if place % 4 == 0:
            yield student, iri("advisor"), chance.choice(professors[:4])


def ontology(*, key: bool = True) -> str:
    """Return the ontology as Turtle."""
    return ONTOLOGY.replace("KEY", KEY if key else "")


def schema(*, key: bool = True) -> list[tuple[str, str, str]]:
    """Return the ontology as triples."""
    from rdflib import Graph

    from fundgraph.reason.front import name_of

    return [
        (name_of(s), name_of(p), name_of(o)) for s, p, o in Graph().parse(data=ontology(key=key), format="turtle")
    ]


def data_graph(size: int, *, key: bool) -> object:
    """Return the data as a graph of rdflib."""
    from rdflib import Graph

    lines = "".join(f"{s} {p} {o} .\n" for s, p, o in universities(size))
    graph = Graph().parse(data=lines, format="nt")
    return graph.parse(data=ontology(key=key), format="turtle")


def run_ours(size: int) -> dict[str, float]:
    """Time our engine: reading the terms, and the closure."""
    from itertools import chain

    from fundgraph.reason.closure import Closure

    closure = Closure()
    begin = time.perf_counter()
    rows = closure.terms.encode(chain(schema(), universities(size)))
    count = len(rows)
    encoded, processor = time.perf_counter(), time.process_time()
    closure.load(rows)
    done, processor = time.perf_counter(), time.process_time() - processor
    inferred = sum(len(keys) for _, keys in closure.inferred())
    taken = time.perf_counter()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    explaining = explain_some(closure)
    adding, removing = [], []
    for number in range(6):  # the first time makes what later ones find
        project = list(department(10**6 + number, random.Random(1)))[:20]
        start = time.perf_counter()
        closure.add(project)
        added = time.perf_counter()
        closure.remove(project)
        adding.append(1e3 * (added - start))
        removing.append(1e3 * (time.perf_counter() - added))
    return {
        "triples": count, "encoding": encoded - begin, "closure": done - encoded, "CPU": processor,
        "inferred": inferred, "taking out": taken - done, "MiB": memory, "add ms": statistics.median(adding[1:]),
        "remove ms": statistics.median(removing[1:]), "explain ms": explaining[len(explaining) // 2],
        "p99": explaining[len(explaining) * 99 // 100],
    }  # fmt: skip


def run_disk(size: int) -> dict[str, float]:
    """Time our engine on disk, reading included, within 512 MiB of memory for its database."""
    from itertools import chain

    from fundgraph.reason.spill import SpillingClosure

    closure = SpillingClosure(512 << 20)
    begin, processor = time.perf_counter(), time.process_time()
    closure.load(chain(schema(), universities(size)))
    done, processor = time.perf_counter(), time.process_time() - processor
    inferred = sum(1 for _ in closure.decoded())
    taken = time.perf_counter() - done
    closure.close()
    return {
        "triples": closure.asserted, "closure": done - begin, "CPU": processor, "inferred": inferred,
        "taking out": taken,
    }  # fmt: skip


def explain_some(closure: Closure, count: int = 300) -> list[float]:
    """Return the milliseconds that explanations of some inferred triples take, sorted."""
    from itertools import islice

    from fundgraph.reason.explain import explain

    size = sum(len(keys) for _, keys in closure.inferred())
    step = max(1, size // count)
    times = []
    for triple in islice(closure.decoded(), 0, None, step):
        start = time.perf_counter()
        assert explain(closure, triple) is not None
        times.append(1e3 * (time.perf_counter() - start))
    return sorted(times)


def run_graph(size: int) -> dict[str, float]:
    """Time our engine from a graph of rdflib to a graph of rdflib."""
    from fundgraph.reason import infer

    graph = data_graph(size, key=False)
    begin = time.perf_counter()
    inferred = infer(graph, "rules")  # type: ignore[arg-type]
    return {"triples": len(graph), "closure": time.perf_counter() - begin, "inferred": len(inferred)}  # type: ignore[arg-type]


def run_owlrl(size: int) -> dict[str, float]:
    """Time owlrl, without the key that it gets wrong."""
    import owlrl

    graph = data_graph(size, key=False)
    count = len(graph)  # type: ignore[arg-type]
    begin, processor = time.perf_counter(), time.process_time()
    owlrl.OWLRL_Semantics(graph, axioms=False, daxioms=False).closure()
    seconds, processor = time.perf_counter() - begin, time.process_time() - processor
    return {"triples": count, "closure": seconds, "CPU": processor, "inferred": len(graph) - count}  # type: ignore[arg-type]


def run_reasonable(size: int) -> dict[str, float]:
    """Time reasonable, which knows fewer rules."""
    import reasonable

    with tempfile.TemporaryDirectory() as folder:
        data, axioms = files(Path(folder), size)
        reasoner = reasonable.PyReasoner()
        begin = time.perf_counter()
        reasoner.load_file(str(data))
        reasoner.load_file(str(axioms))
        read, processor = time.perf_counter(), time.process_time()
        found = reasoner.reason()
        done, processor = time.perf_counter(), time.process_time() - processor
        count = len(schema(key=False)) + sum(1 for _ in universities(size))
    return {
        "triples": count, "encoding": read - begin, "closure": done - read, "CPU": processor,
        "inferred": len(found) - count,
    }  # fmt: skip


def run_jena(size: int) -> dict[str, float]:
    """Time Jena's smallest set of rules for OWL, which knows fewer rules too."""
    with tempfile.TemporaryDirectory() as folder:
        data, axioms = files(Path(folder), size)
        program = str(Path(__file__).with_name("JenaInference.java"))
        command = [
            "java",
            "-Xmx6g",
            "-cp",
            f"{os.environ['JENA_JARS']}/*",
            program,
            "micro",
            str(data),
            str(axioms),
        ]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    result: dict[str, float] = json.loads(run.stdout.strip().splitlines()[-1])
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return result | {"CPU": processor, "MiB": after.ru_maxrss / 1024}


def files(folder: Path, size: int) -> tuple[Path, Path]:
    """Write the data and the ontology (without the key) as Turtle."""
    data, axioms = folder / "data.ttl", folder / "ontology.ttl"
    with data.open("w", encoding="utf-8") as file:
        file.writelines(f"{s} {p} {o} .\n" for s, p, o in universities(size))
    axioms.write_text(ontology(key=False), encoding="utf-8")
    return data, axioms


ENGINES = {
    "rules": run_ours, "disk": run_disk, "rules, rdflib": run_graph, "owlrl": run_owlrl,
    "reasonable": run_reasonable, "Jena": run_jena,
}  # fmt: skip
#: Above so many triples an engine is not asked.
MOST = {
    "rules": 10**9, "disk": 10_000_000, "rules, rdflib": 200_000, "owlrl": 100_000, "reasonable": 100_000,
    "Jena": 10_000,
}  # fmt: skip


def main() -> None:
    """Run each engine at each size in a process of its own, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--one", nargs=2, metavar=("ENGINE", "SIZE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        engine, size = arguments.one
        result = ENGINES[engine](int(size))
        result.setdefault("MiB", 0)
        result["MiB"] = result["MiB"] or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(result))
        return
    columns = (
        "engine", "triples", "inferred", "encoding", "closure", "CPU", "taking out", "MiB", "explain ms", "p99",
        "add ms", "remove ms", "load",
    )  # fmt: skip
    print("".join(f"{name:>13}" for name in columns))
    for size in arguments.sizes:
        for engine in ENGINES:
            if size > MOST[engine] or (engine == "Jena" and "JENA_JARS" not in os.environ):
                continue
            run = subprocess.run(
                [sys.executable, __file__, "--one", engine, str(size)], capture_output=True, text=True, check=False
            )
            if run.returncode:
                print(f"{engine:>13}  cannot be run: {(run.stderr.strip().splitlines() or [run.returncode])[-1]}")
                continue
            row = json.loads(run.stdout) | {"load": os.getloadavg()[0]}
            shown = {
                name: f"{row[name]:.0f}" if name in ("triples", "inferred", "MiB") else f"{row[name]:.2f}"
                for name in columns[1:]
                if name in row
            }
            print(f"{engine:>13}" + "".join(f"{shown.get(name, ''):>13}" for name in columns[1:]), flush=True)


if __name__ == "__main__":
    main()
