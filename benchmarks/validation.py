"""Validation at size: pySHACL, our shapes compiled to SPARQL, and rudof where it is installed, in one run.

    python benchmarks/validation.py [SIZE…] [--budget SECONDS]     sizes in triples, such as 20000 100000

Each validator runs in a process of its own on the same file of made-up data in the shape of ours, with some of a
hundred things at fault. Speed is compared by CPU time, which a busy machine does not change. "validate" is the time from data in memory to the finished report; "load" comes before. A
validator that would not finish within what is left of the budget is left out, and that is said.
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
#: The quick ones first, so that they have their rows whatever the budget.
VALIDATORS = ("compiled", "rudof", "pyshacl")
_LONGEST = 3600


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


def _run(validator: str, path: Path, seconds: float = _LONGEST) -> dict[str, object] | str:
    command = [sys.executable, __file__, "--one", validator, str(path)]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return f"not done in {seconds:.0f} s"
    if run.returncode:
        return run.stderr.strip().splitlines()[-1][:80] if run.stderr.strip() else f"exit {run.returncode}"
    measured: dict[str, object] = json.loads(run.stdout.splitlines()[-1])
    return measured


def main(sizes: tuple[int, ...], budget: float) -> None:
    """Print the table."""
    until = time.monotonic() + budget
    pace: dict[str, float] = {}  # seconds for a triple, of each validator; infinite after it did not finish
    print(
        "| triples | validator | load | validate | of which CPU | compiled is faster by | peak memory | results |"
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
                left, likely = until - time.monotonic(), pace.get(validator, 0.0) * size
                if left < max(likely, 1.0):
                    got: dict[str, object] | str = (
                        f"not asked: {left:.0f} s are left, it would take {likely:.0f} s"
                    )
                else:
                    began = time.monotonic()
                    got = _run(validator, path, min(left, _LONGEST))
                    pace[validator] = float("inf") if isinstance(got, str) else (time.monotonic() - began) / size
                if isinstance(got, str):
                    print(f"| {size:,} | {validator} | {got} | | | | | |")
                    continue
                base = got if validator == "compiled" else base
                faster = (
                    f"{float(str(got['cpu'])) / float(str(base['cpu'])):.1f}" if base and base is not got else ""
                )
                agree = (
                    ""
                    if validator != "pyshacl" or base is None
                    else ", the same"
                    if got["same"] == base["same"]
                    else ", NOT the same"
                )
                named = "rudof, without `sh:sparql`" if validator == "rudof" else validator
                print(
                    f"| {size:,} | {named} | {got['load']:.1f} s | {got['validate']:.2f} s | {got['cpu']:.2f} s | {faster} "
                    f"| {got['memory']} MiB | {got.get('results', '?')}{agree} |",
                    flush=True,
                )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measured = _measure(sys.argv[2], Path(sys.argv[3]))
        measured["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps(measured))
    else:
        parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
        parser.add_argument("--budget", type=float, default=2 * _LONGEST, help="seconds that all may take")
        arguments = parser.parse_args()
        main(tuple(arguments.sizes), arguments.budget)
