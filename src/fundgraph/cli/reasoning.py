"""``fundgraph explain`` and ``fundgraph infer``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from fundgraph.cli.shared import DOC, build_dir_option, errors, format_option, opened, print_json, say
from fundgraph.errors import UsageError
from fundgraph.settings import ENGINES, Settings


@click.command()
@click.argument("subject")
@click.argument("predicate")
@click.argument("object_", metavar="OBJECT")
@click.option("--ways", is_flag=True, help="list all single steps that lead to it (json, RDF)")
@format_option("tree", "json", "turtle", "ntriples", "rdfxml", "jsonld", default="tree")
@build_dir_option
def explain(subject: str, predicate: str, object_: str, ways: bool, form: str, build_dir: Path | None) -> None:
    """Say why a statement is in the graph: source lines, or rule and premises down to source lines.

    Terms are IRIs in <>, prefixed names (fg:title, person:martin-burger) or quoted literals.
    """
    from fundgraph import terms

    with errors(), opened(Settings.load(build_dir=build_dir)) as kg:
        from fundgraph.explanation import Explainer

        try:
            s, p, o = (terms.term(text, kg.prefixes) for text in (subject, predicate, object_))
        except ValueError as error:
            raise UsageError(str(error)) from error
        explanation = Explainer.of(kg.snapshot).explain((s, p, o), ways=ways)
        base, prefixes = kg.base, kg.prefixes
    if form == "json":
        print_json(explanation.to_json())
    elif form == "tree":
        click.echo(explanation.to_text())
    else:
        sys.stdout.buffer.write(explanation.to_rdf(form, base, prefixes))
    sys.exit(0 if explanation.proof is not None else 1)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--ontology", multiple=True, type=click.Path(path_type=Path), help="more axioms (repeatable)")
@click.option("--engine", type=click.Choice(ENGINES), default="auto", show_default=True, help=DOC["engine"])
@click.option("--memory", type=click.IntRange(0), default=0, help=DOC["inference_memory"])
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="a file, not standard output"
)
@click.option(
    "--representatives",
    is_flag=True,
    help="of things that are the same, only one in what follows, and which it stands for",
)
@format_option("turtle", "ntriples", "nquads", "trig", "rdfxml", "jsonld", "n3", default="turtle")
def infer(
    files: tuple[Path, ...],
    ontology: tuple[Path, ...],
    engine: str,
    memory: int,
    output: Path | None,
    representatives: bool,
    form: str,
) -> None:
    """Write what follows from RDF files by OWL 2 RL, and only that."""
    from fundgraph.inference import infer_files

    with errors():
        inferred = infer_files(
            files,
            ontology,
            engine=engine,
            memory=memory,
            expand=not representatives,
            say=lambda n, all_: say(f"round {n}: {all_} triples"),
        )
        for message in inferred.warnings:
            say(f"warning: {message}")
        if output is None:
            inferred.write(sys.stdout.buffer, form)
            return
        try:
            with output.open("wb") as file:
                inferred.write(file, form)
        except OSError as error:
            raise UsageError(f"cannot be written: {error.strerror}", where=output) from error
