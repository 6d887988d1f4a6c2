"""Inference at size: our engines, owlrl, reasonable and Jena over the same generated universities, in one run.

The generator is ours, in the manner of LUBM: departments with professors, students, courses and publications, over
an ontology with hierarchies, domains, ranges, inverses, a transitive and a symmetric property, chains, restrictions,
a key and disjoint classes. Seeded, so the same size gives the same triples.

    python benchmarks/inference.py [SIZE…] [--engines rules,owlrl] [--budget SECONDS] [--keep FILE]

Sizes are in triples; those above a million are for our own engines, unless ``--engines`` names others. Each engine
runs in a process of its own, and its row is printed when it is ready. One that is not there, fails, or does not
finish is said to be so, and is not asked for more. ``--budget`` bounds the whole run: what would not fit is left out,
and said. ``--keep`` keeps rows in a file, in which a later run finds what need not be measured again; so the table
can be made in parts.

Jena is asked if ``JENA_JARS`` names a folder with its jars, at any depth (Maven's ``dependency:copy-dependencies`` of
``org.apache.jena:jena-arq``). Under *CPU* are the seconds of processors that the closure took: on a machine that is
busy with other things (see *load*) they say more than the clock. *times owlrl* compares by it: the closures, and with
encoding. Times of explanations are of the processor too.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import resource
import shutil
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
    begin, before = time.perf_counter(), time.process_time()
    rows = closure.terms.encode(chain(schema(), universities(size)))
    count = len(rows)
    encoded, processor = time.perf_counter(), time.process_time()
    encoding = processor - before
    closure.load(rows)
    del rows
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
        "triples": count, "encoding": encoded - begin, "encoding CPU": encoding, "closure": done - encoded, "CPU": processor,
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
    """Return the milliseconds of processor that explanations of some inferred triples take, sorted."""
    from fundgraph.reason.explain import explain

    names = closure.terms.names
    found = list(closure.inferred())
    step = max(1, sum(len(keys) for _, keys in found) // count)
    some = [(key >> 32, p, key & 0xFFFFFFFF) for p, keys in found for key in keys[::step].tolist()]
    times = []
    for s, p, o in some:
        start = time.process_time()
        assert explain(closure, (names[s], names[p], names[o])) is not None
        times.append(1e3 * (time.process_time() - start))
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
            os.pathsep.join(map(str, Path(os.environ["JENA_JARS"]).rglob("*.jar"))),
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
    "rules": run_ours, "disk": run_disk, "rules by rdflib": run_graph, "owlrl": run_owlrl,
    "reasonable": run_reasonable, "Jena": run_jena,
}  # fmt: skip
#: Above so many triples these are not asked: each row of a file is a statement in Python's memory.
MOST = {"rules by rdflib": 200_000}
#: Above so many triples only these are asked.
MANY, FOR_MANY = 1_000_000, ("rules", "disk")
COLUMNS = (
    "engine", "triples", "inferred", "encoding s", "closure s", "CPU s", "times owlrl", "taking out s", "MiB",
    "explain ms", "p99 ms", "add ms", "remove ms", "load",
)  # fmt: skip


def absent(engine: str) -> str:
    """Return why an engine cannot be asked; nothing if it can."""
    if engine == "Jena":
        if "JENA_JARS" not in os.environ:
            return "JENA_JARS names no folder"
        return "" if shutil.which("java") else "there is no java"
    return "" if engine not in ("owlrl", "reasonable") or importlib.util.find_spec(engine) else "not installed"


def measured(engine: str, size: int, seconds: float) -> dict[str, object]:
    """Run one engine in a process of its own; return its row, or what went wrong."""
    command = [sys.executable, __file__, "--one", engine, str(size)]
    began = time.perf_counter()
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds)
    except subprocess.TimeoutExpired:
        return {"failed": f"not done in {seconds:.0f} s"}
    if run.returncode:
        said = (run.stderr.strip().splitlines() or [f"exit {run.returncode}"])[-1]
        return {"failed": said[:100].replace("|", "/")}
    row: dict[str, object] = json.loads(run.stdout.strip().splitlines()[-1])
    return row | {"load": os.getloadavg()[0], "whole": time.perf_counter() - began}


def shown(engine: str, size: int, row: dict[str, object], owlrl: dict[str, object] | None) -> str:
    """Return a row of the table."""
    if "failed" in row:
        return f"| {engine} | {size} | {row['failed']} |" + " |" * (len(COLUMNS) - 3)

    def text(name: str) -> str:
        value = row.get(name.removesuffix(" s") if name not in row else name, row.get(name.removesuffix(" ms")))
        if not isinstance(value, (int, float)):
            return ""
        return f"{value:.0f}" if name in ("triples", "inferred", "MiB") else f"{value:.2f}"

    cells = [engine, *(text(name) for name in COLUMNS[1:])]
    if owlrl is not None and "CPU" in row and engine != "owlrl":
        cpu, theirs = max(float(str(row["CPU"])), 1e-3), float(str(owlrl["CPU"]))
        whole = cpu + float(str(row.get("encoding CPU", row.get("encoding", 0))))
        cells[COLUMNS.index("times owlrl")] = f"{theirs / cpu:.0f}, {theirs / whole:.0f}"
    return "| " + " | ".join(cells) + " |"


class Table:
    """The rows that there are, and what is not asked any more."""

    def __init__(self, keep: Path | None, budget: float, longest: float) -> None:
        self.keep, self.longest = keep, longest
        self.until = time.monotonic() + budget
        self.rows: dict[tuple[str, int], dict[str, object]] = {}
        if keep is not None and keep.is_file():
            for line in keep.read_text(encoding="utf-8").splitlines():
                kept = json.loads(line)
                self.rows[kept["engine"], kept["size"]] = kept["row"]

    def row(self, engine: str, size: int) -> dict[str, object]:
        """Return a row: a kept one, a new one, or why there is none."""
        if (engine, size) in self.rows:
            return self.rows[engine, size]
        reason = absent(engine)
        if reason:
            return {"failed": reason}
        smaller = {other: row for (name, other), row in self.rows.items() if name == engine and other < size}
        failed = [other for other, row in smaller.items() if "failed" in row]
        if failed:
            return {"failed": f"not asked: did not finish {min(failed)}"}
        left = self.until - time.monotonic()
        likely = max((float(str(row["whole"])) * size / other for other, row in smaller.items()), default=0.0)
        if left < max(likely, 1.0):
            return {"failed": f"not asked: {left:.0f} s are left, and it would take about {likely:.0f}"}
        row = self.rows[engine, size] = measured(engine, size, min(left, self.longest))
        # That the budget came to its end is no word on the engine.
        if self.keep is not None and ("failed" not in row or left > self.longest):
            with self.keep.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"engine": engine, "size": size, "row": row}) + "\n")
        return row


def parsed() -> argparse.Namespace:
    """Return the arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--engines", help="the engines to ask, with commas between: " + ", ".join(ENGINES))
    parser.add_argument("--budget", type=float, default=4 * 3600, help="seconds that the whole run may take")
    parser.add_argument("--longest", type=float, default=3600, help="seconds that one row may take")
    parser.add_argument("--keep", type=Path, help="a file of rows, to be added to")
    parser.add_argument("--one", nargs=2, metavar=("ENGINE", "SIZE"), help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Run each engine at each size in a process of its own, and print one table."""
    arguments = parsed()
    if arguments.one:
        engine, size = arguments.one
        result = ENGINES[engine](int(size))
        result["MiB"] = result.get("MiB") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(result))
        return
    chosen = arguments.engines.split(",") if arguments.engines else list(ENGINES)
    if unknown := set(chosen) - set(ENGINES):
        sys.exit(f"there is no engine {', '.join(unknown)}; there are {', '.join(ENGINES)}")
    table = Table(arguments.keep, arguments.budget, arguments.longest)
    print("| " + " | ".join(COLUMNS) + " |")
    print("|---" * len(COLUMNS) + "|", flush=True)
    for size in arguments.sizes:
        asked = [name for name in chosen if size <= MOST.get(name, size)]
        if not arguments.engines and size > MANY:
            asked = [name for name in asked if name in FOR_MANY]
        # owlrl first, as others are compared with it.
        for engine in sorted(asked, key=lambda name: name != "owlrl"):
            row = table.row(engine, size)
            owlrl = table.rows.get(("owlrl", size))
            print(shown(engine, size, row, owlrl if owlrl and "CPU" in owlrl else None), flush=True)


if __name__ == "__main__":
    main()
