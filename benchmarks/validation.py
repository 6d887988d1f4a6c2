"""Validation at size: pySHACL, our shapes compiled to SPARQL, and rudof where it is installed, in one run.

    python benchmarks/validation.py [SIZE…] [--longest SECONDS]     sizes in triples, such as 20000 100000

Each validator runs in a process of its own on the same file of made-up data in the shape of ours, with some of a
hundred things at fault. Speed is compared by CPU time, which a busy machine does not change. "validate" is the time from data in memory to the finished report; "load" comes before.
A validator that is not done after the longest time is ended, and how often faster another is becomes a lower bound.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]
SIZES = (20_000, 100_000, 1_000_000)
VALIDATORS = ("pyshacl", "compiled", "rudof")
LONGEST = 3600


def _write(triples: int, path: Path) -> None:
    from benchmarks.generators.programmes import lines
    from rdflib import Graph

    world = Graph()
    for example in sorted((ROOT / "ontology" / "examples").glob("*.ttl")):
        world.parse(example)
    with path.open("w", encoding="utf-8") as file:
        file.write(world.serialize(format="nt"))
        file.writelines(lines(triples - len(world)))


def _measure(validator: str, path: Path) -> dict[str, object]:
    """Run one validator in this process."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    started = time.perf_counter()
    if validator == "rudof":
        return _rudof(path, started)
    from rdflib import Graph

    from fundgraph.store.scratch import Scratch
    from fundgraph.validate import read_shapes, validate, validate_compiled

    shapes = read_shapes(ROOT / "shapes")
    data = Scratch.of_files([path]) if validator == "compiled" else Graph().parse(path)
    loaded = time.perf_counter()
    began = time.process_time()
    report = validate_compiled(data, shapes) if isinstance(data, Scratch) else validate(data, shapes)
    done = time.perf_counter()
    told = [(r.shape, r.focus, r.path, r.value, r.message, r.severity, r.source_line) for r in report.results]
    return {
        "load": loaded - started,
        "validate": done - loaded,
        "cpu": time.process_time() - began,
        "triples": len(data),
        "results": len(told),
        "same": sorted(map(str, told)),
        "left": len(report.left_out),
    }


def _rudof(path: Path, started: float) -> dict[str, object]:
    from pyrudof import RDFFormat, Rudof, RudofConfig, ShaclFormat, ShaclValidationMode
    from rdflib import SH

    from fundgraph.validate import read_shapes

    rudof = Rudof(RudofConfig())
    rudof.read_data(str(path), RDFFormat.NTriples)
    # It refuses queries of ours, so it is given the shapes without them.
    shapes = read_shapes(ROOT / "shapes")
    shapes.remove((None, SH.sparql, None))
    rudof.read_shacl(shapes.serialize(format="turtle"), ShaclFormat.Turtle)
    loaded = time.perf_counter()
    began = time.process_time()
    report = rudof.validate_shacl(ShaclValidationMode.Native)
    return {
        "load": loaded - started,
        "validate": time.perf_counter() - loaded,
        "results": len(report),
        "cpu": time.process_time() - began,
    }


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run(validator: str, path: Path, longest: int) -> dict[str, object] | str:
    command = [sys.executable, __file__, "--one", validator, str(path)]
    before = _cpu_of_children()
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=longest, check=False)
    except subprocess.TimeoutExpired:
        return {"ended": True, "cpu": _cpu_of_children() - before}
    if run.returncode:
        return run.stderr.strip().splitlines()[-1][:80] if run.stderr.strip() else f"exit {run.returncode}"
    measured: dict[str, object] = json.loads(run.stdout.splitlines()[-1])
    return measured


def _row(size: int, validator: str, got: dict[str, object] | str, base: dict[str, object] | None) -> str:
    if isinstance(got, str):
        return f"| {size:,} | {validator} | {got} | | | | | |"
    if "ended" in got:
        return f"| {size:,} | {validator} | | not done | > {got['cpu']:.0f} s | | | |"
    faster = ""
    if base is not None:
        faster = f"{float(str(base['cpu'])) / float(str(got['cpu'])):.1f}"
        faster = f"> {faster}" if "ended" in base else faster
    agree = ""
    if validator == "compiled" and base is not None and "same" in base:
        agree = ", the same" if got["same"] == base["same"] else ", NOT the same"
    named = "rudof, without `sh:sparql`" if validator == "rudof" else validator
    return (
        f"| {size:,} | {named} | {got['load']:.1f} s | {got['validate']:.2f} s | {got['cpu']:.2f} s | {faster} "
        f"| {got['memory']} MiB | {got.get('results', '?')}{agree} |"
    )


def main(sizes: tuple[int, ...], longest: int) -> None:
    """Print the table."""
    print(
        "| triples | validator | load | validate | of which CPU | times pySHACL's speed | peak memory | results |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "data.nt"
            _write(size, path)
            base: dict[str, object] | None = None
            for validator in VALIDATORS:
                if validator == "rudof" and importlib.util.find_spec("pyrudof") is None:
                    continue
                got = _run(validator, path, longest)
                if validator == "pyshacl" and not isinstance(got, str):
                    base = got
                print(_row(size, validator, got, base), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measured = _measure(sys.argv[2], Path(sys.argv[3]))
        measured["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps(measured))
    else:
        parser = argparse.ArgumentParser(description="Compare validators of SHACL.")
        parser.add_argument("sizes", nargs="*", type=int, metavar="SIZE", help="triples")
        parser.add_argument("--longest", type=int, default=LONGEST, metavar="SECONDS", help="for one validator")
        options = parser.parse_args()
        main(tuple(options.sizes) or SIZES, options.longest)
