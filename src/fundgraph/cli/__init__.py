"""The command ``fundgraph``: parse arguments, call one function, print, set the exit code.

stdout is data, stderr is talk. Exit 0 is fine, 1 means that the data failed a check, 2 a wrong use or an
unreadable input; a traceback would mean that we are wrong. What a verb does not need is not imported.
"""

from __future__ import annotations

import atexit
import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fundgraph import __version__
from fundgraph.cli.agents import mcp
from fundgraph.cli.exporting import export
from fundgraph.cli.linking import link
from fundgraph.cli.progress import Progress
from fundgraph.cli.reasoning import explain, infer
from fundgraph.cli.releases import diff, releases
from fundgraph.cli.shared import DOC as _DOC
from fundgraph.cli.shared import build_dir_option as _build_dir
from fundgraph.cli.shared import errors as _errors
from fundgraph.cli.shared import format_option as _format
from fundgraph.cli.shared import hardly_collecting
from fundgraph.cli.shared import opened as _open
from fundgraph.cli.shared import print_json as _print_json
from fundgraph.cli.shared import say as _say
from fundgraph.cli.shared import validator_option as _validator
from fundgraph.cli.topics import topics
from fundgraph.errors import UnknownQuestionError, UsageError
from fundgraph.second import second_process, unlost_interruptions
from fundgraph.settings import ENGINES, Settings

if TYPE_CHECKING:
    from fundgraph.kg import KnowledgeGraph


def main() -> None:
    """Run the command line."""
    # The end would look for circles among all that is left, which takes a tenth of a second, and the system takes all back.
    atexit.register(gc.freeze)
    # A reader that goes away (`fundgraph export | head`) is no error of ours.
    try:
        commands(prog_name="fundgraph")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="fundgraph")
def commands() -> None:
    """Turn the documents of a research programme into a knowledge graph, and serve it."""


for _command in (diff, explain, export, infer, link, releases, topics, mcp):
    commands.add_command(_command)


@commands.command()
@click.argument("data_dir", required=False, type=click.Path(path_type=Path))
@click.option("--engine", type=click.Choice(ENGINES), help=_DOC["engine"])
@click.option("--memory", "inference_memory", type=click.IntRange(0), help=_DOC["inference_memory"])
@_validator
@click.option("--strict", is_flag=True, default=None, help=_DOC["strict"])
@click.option("--links-dir", type=click.Path(path_type=Path), help=_DOC["links_dir"])
@click.option("-q", "--quiet", is_flag=True, help="no progress, only warnings and errors")
@_format("table", "json", default="table")
@_build_dir
def build(data_dir: Path | None, quiet: bool, form: str, **options: Any) -> None:
    """Read the documents below DATA_DIR and write a new snapshot; switch to it when it is whole."""
    with _errors(), hardly_collecting(), unlost_interruptions() as not_interrupted:
        settings = Settings.load(data_dir=data_dir, **options)
        with second_process("fundgraph.validation") as process:  # it gets ready while this one does
            from fundgraph.pipeline import STAGES
            from fundgraph.pipeline import build as run

            with Progress(STAGES, quiet=quiet) as progress:
                report = run(
                    settings, say=progress.say, watch=progress.watch, process=process, accept=not_interrupted
                )
    for result in report.validation.results:
        if result.severity == "warning":
            _say(f"warning: {result.place}  {result.focus_label}: {result.message}")
    for fact in report.unknown_facts:
        _say(f"warning: {fact.file}:{fact.line}: no document names the {fact.kind} {fact.subject!r}")
    manifest = report.snapshot.manifest
    if form == "json":
        _print_json(manifest)
        return
    click.echo(f"release   {report.snapshot.release}")
    click.echo(f"quads     {manifest['quads']}")
    for name, count in manifest["classes"].items():
        if "fundgraph/ontology#" in name:
            click.echo(f"{count:9d} {name.rsplit('#', 1)[-1]}")
    click.echo(f"findings  {sum(manifest['findings'].values())} in the sources")
    click.echo(f"SHACL     {', '.join(f'{count} {name}' for name, count in manifest['validation'].items())}")
    click.echo(f"time      {report.timings.get('total', sum(report.timings.values())):.2f} s")


@commands.command()
@click.argument("documents", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--programme", help="the programme that the documents belong to")
@click.option("--phase", type=int, help="the number of the funding phase that they describe")
@click.option("--stream", is_flag=True, help="one line of JSON per project, for input of any size")
@click.option("--check", is_flag=True, help="with --stream: a line of findings and coverage for each file")
@_format("table", "json", "turtle", default="table")
def extract(
    documents: tuple[Path, ...], programme: str | None, phase: int | None, stream: bool, check: bool, form: str
) -> None:
    """Show what is read out of documents, with nothing stored."""
    from fundgraph.bar import Bar
    from fundgraph.extract.report import to_json, to_text
    from fundgraph.extraction import size_of, stream_lines
    from fundgraph.model import ReadingOptions
    from fundgraph.pipeline import extract_files, extractions_to_turtle

    with _errors(), Bar(sys.stderr, size_of(documents), "reading ") as bar:

        def say(text: str) -> None:
            bar.clear()
            _say(text)

        if stream:
            options = ReadingOptions(programme=programme, phase=phase)

            def tell(line: str) -> None:
                bar.clear()
                click.echo(line)

            told = tell if check else None
            for line in stream_lines(documents, options, say=say, progress=bar, told=told):
                tell(line)
            return
        extractions = extract_files(documents, programme=programme, phase=phase, say=say, progress=bar)
        bar.clear()
        if form == "json":
            data = [to_json(extraction) for extraction in extractions]
            _print_json(data[0] if len(data) == 1 else data)
        elif form == "turtle":
            click.echo(extractions_to_turtle(extractions, programme), nl=False)
        else:
            for extraction in extractions:
                click.echo(to_text(extraction))


@commands.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@_validator
@click.option("--strict", is_flag=True, default=None, help=_DOC["strict"])
@click.option("--inference/--no-inference", default=True, help="validate also what follows by inference")
@_format("table", "json", "turtle", "html", default="table")
def validate(paths: tuple[Path, ...], inference: bool, form: str, **options: Any) -> None:
    """Report what SHACL finds in the data directory, or in RDF files.

    What follows by inference is reported apart (not in the table), and changes nothing about the exit status.
    """
    from fundgraph.pipeline import validate_data
    from fundgraph.validation import write_reports

    with _errors():
        settings = Settings.load(**options)
        reports = validate_data(settings, paths, inference=inference, say=_say)
    report = reports[0]
    click.echo(write_reports(reports, form), nl=False)
    for one in reports:
        when = "after inference: " if one.inferred else ""
        _say(when + ", ".join(f"{count} {name}" for name, count in one.counts.items()))
    for shape, reason in report.left_out.items():
        _say(f"checked by pySHACL: {shape}: {reason}")
    counts = report.counts
    failed = not report.conforms or (settings.strict and counts.get("warning", 0) > 0)
    sys.exit(1 if failed else 0)


_RESULT_FORMATS = (
    "table", "csv", "tsv", "json", "xml", "turtle", "ntriples", "nquads", "trig", "rdfxml", "jsonld",
)  # fmt: skip


@commands.command()
@click.argument("query")
@click.option("-p", "params", multiple=True, metavar="NAME=VALUE", help="a parameter of a canned query")
@click.option("--timeout", type=float, help=_DOC["timeout"])
@_format(*_RESULT_FORMATS, default="table")
@_build_dir
def query(query: str, params: tuple[str, ...], timeout: float | None, form: str, build_dir: Path | None) -> None:
    """Answer a canned query by its id, or any SPARQL from a file or from standard input (-)."""
    with _errors():
        settings = Settings.load(build_dir=build_dir, timeout=timeout)
        # Only a process of its own can be stopped at a deadline.
        with _open(settings, served=timeout is not None) as kg:
            text = _query_text(query, params, kg)
            answer = kg.answer(text) if form == "table" else kg.answer(text, format=form)
            with answer.body as body:
                if form == "table" and answer.form != "graph":
                    click.echo(kg.table(answer).to_text(), nl=False)
                else:
                    sys.stdout.buffer.write(body.read())
            if answer.completeness != "complete":
                _say(f"warning: the answer is {answer.completeness}")


def _query_text(query: str, params: tuple[str, ...], kg: KnowledgeGraph) -> str:
    if query == "-":
        return _without_params(sys.stdin.read(), params)
    values = {}
    for param in params:
        name, separator, value = param.partition("=")
        if not separator:
            raise UsageError(f"a parameter is written NAME=VALUE, not {param!r}")
        if name in values:
            raise UsageError(f"the parameter {name!r} is given twice")
        values[name] = value
    try:
        question = kg.question(query)
        text = question.bind(values, kg.base)
        for parameter, term in kg.strangers(question, values):
            _say(f"warning: {parameter.name}: there is no {parameter.type} {term} in release {kg.release}")
        return text
    except UnknownQuestionError:
        path = Path(query)
        if not path.is_file():
            raise
    try:
        return _without_params(path.read_text(encoding="utf-8"), params)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("is not a text file that can be read", where=path) from error


def _without_params(text: str, params: tuple[str, ...]) -> str:
    if params:
        raise UsageError("only a canned query has parameters")
    return text


@commands.command()
@_format("table", "json", default="table")
@_build_dir
def info(form: str, build_dir: Path | None) -> None:
    """Show the version, the paths, the settings, and what the current snapshot holds."""
    from fundgraph import assets
    from fundgraph.errors import NoSnapshotError
    from fundgraph.reason import ENGINES as AVAILABLE
    from fundgraph.store.snapshot import current_snapshot

    with _errors():
        settings = Settings.load(build_dir=build_dir)
        try:
            manifest: dict[str, Any] | None = current_snapshot(settings.build_dir).manifest
        except NoSnapshotError:
            manifest = None
    data: dict[str, Any] = {
        "version": __version__,
        "python": sys.version.split()[0],
        "paths": {
            "data": str(settings.programmes_dir),
            "build": str(settings.build_dir.resolve()),
            "ontology": str(assets.ontology_dir()),
            "shapes": str(assets.shapes_dir()),
            "queries": str(assets.queries_dir()),
        },
        "engines": [name for name in AVAILABLE if name != "auto"],
        "settings": {name: getattr(settings, name) for name in _DOC if not name.endswith("_dir")}
        | {"token_hash": "set" if settings.token_hash else ""},
        "snapshot": manifest,
    }
    if form == "json":
        _print_json(data)
        return
    click.echo(f"fundgraph {data['version']}, Python {data['python']}, engines: {', '.join(data['engines'])}")
    for name, path in data["paths"].items():
        click.echo(f"{name:<10}{path}")
    for name, value in data["settings"].items():
        click.echo(f"{name:<16}{value}")
    if manifest is None:
        click.echo("no snapshot yet; run: fundgraph build")
    else:
        click.echo(
            f"snapshot  {manifest['release']}, {manifest['quads']} quads in {len(manifest['graphs'])} graphs"
        )


@commands.command()
def token() -> None:
    """Make a token for writing: the token itself, once, and what to put into the settings."""
    from fundgraph.web.access import new_token

    made, kept = new_token()
    _say(f"Keep the token; the service keeps only its hash:\n  FUNDGRAPH_TOKEN_HASH={kept}")
    click.echo(made)


@commands.command()
@click.option("--host", help=f"{_DOC['host']} [127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help=f"{_DOC['port']} [8000]")
@click.option("--timeout", type=float, help=_DOC["timeout"])
@click.option("--get", "path", metavar="PATH", help="answer one request, print its body, and exit")
@click.option("--plain", is_flag=True, help="the endpoint alone, over a store of its own")
@click.option("--data", multiple=True, type=click.Path(path_type=Path), help="with --plain: RDF to begin with")
@click.option("--open", "is_open", is_flag=True, help="with --plain: this machine may write without a token")
@_build_dir
def serve(
    host: str | None,
    port: int | None,
    timeout: float | None,
    path: str | None,
    plain: bool,
    data: tuple[Path, ...],
    is_open: bool,
    build_dir: Path | None,
) -> None:
    """Serve the current snapshot, building it first if there is none."""
    from fundgraph.errors import NoSnapshotError
    from fundgraph.store.snapshot import current_snapshot

    with _errors():
        if plain:
            if path is not None:
                raise UsageError("--get answers over a snapshot, not with --plain")
            from fundgraph.web.server import serve_plain

            serve_plain(data, Settings.load(host=host, port=port, timeout=timeout), is_open=is_open)
            return
        if data or is_open:
            raise UsageError("--data and --open go with --plain")
        settings = Settings.load(build_dir=build_dir, host=host, port=port, timeout=timeout)
        try:
            current_snapshot(settings.build_dir)
        except NoSnapshotError:
            from fundgraph.pipeline import STAGES
            from fundgraph.pipeline import build as run

            _say("There is no snapshot yet; building one.")
            with Progress(STAGES) as progress:
                run(settings, say=progress.say, watch=progress.watch)
        from fundgraph.web.server import get_once
        from fundgraph.web.server import serve as run_server

        if path is None:
            run_server(settings.build_dir, settings)
            return
        status, _, body = get_once(settings.build_dir, settings, path)
        sys.stdout.buffer.write(body)
    if status >= 400:
        _say(f"error: status {status}")
        sys.exit(2)
