"""The server: gunicorn inside, one front process of threads, with the engine's processes behind it."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from fundgraph.errors import FundgraphError, UsageError
from fundgraph.settings import Settings
from fundgraph.store.files import gather
from fundgraph.store.snapshot import current_snapshot
from fundgraph.store.workers import die_with

if TYPE_CHECKING:
    from flask import Flask

    from fundgraph.kg import KnowledgeGraph


def serve(build_dir: Path, settings: Settings) -> None:
    """Serve the current snapshot of a folder until SIGTERM or SIGINT.

    Says on stderr what is served and where, with the real port if the port is 0.
    Raises :class:`NoSnapshotError` if there is nothing to serve.
    """
    release = current_snapshot(build_dir).release

    def make() -> tuple[KnowledgeGraph, Flask]:
        from fundgraph.kg import KnowledgeGraph

        kg = KnowledgeGraph.open(build_dir, settings, served=True)  # loads while Flask is imported
        from fundgraph.web import warm
        from fundgraph.web.app import create_app

        app = create_app(kg, settings)
        warm.start(app, kg)
        return kg, app

    _run(settings, release, make)


def serve_plain(files: Sequence[Path], settings: Settings, *, is_open: bool = False) -> None:
    """Serve the endpoint alone over RDF files, or nothing, until SIGTERM or SIGINT.

    Raises :class:`UsageError` if everybody may write and others can reach this address, and :class:`RdfError` for
    a file that cannot be read.
    """
    from fundgraph.web.access import hashes, is_loopback

    hashes(settings.token_hash)
    if is_open and not is_loopback(settings.host):
        raise UsageError(
            f"writes without a token are for a loopback address only, not for {settings.host!r}",
            hint="Leave out --open and make a token: fundgraph token",
        )
    with TemporaryDirectory(prefix="fundgraph-") as directory:

        def make() -> tuple[KnowledgeGraph, Flask]:
            from fundgraph.web.app import create_plain_app
            from fundgraph.web.plain import PlainGraph

            graph = PlainGraph(gathered, Path(directory), settings)
            return graph, create_plain_app(graph, settings, is_open=is_open)

        gathered = gather(files, Path(directory) / "dataset.nq")
        _run(settings, f"{gathered.quads} statements", make)


def _run(settings: Settings, what: str, make: Callable[[], tuple[KnowledgeGraph, Flask]]) -> None:
    from gunicorn.app.base import BaseApplication

    from fundgraph.web.hot import Hot, Keeping

    class Server(BaseApplication):  # type: ignore[misc]
        kg: KnowledgeGraph | None = None

        def load_config(self) -> None:
            for name, value in _options(settings, _announce(what), self.end).items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            """Make the application: in the front process, after it was forked, so that the engine is its own."""
            self.kg, app = make()
            graph = self.kg
            hot = Hot(settings.cache_bytes // 2, lambda: graph.release)
            app.extensions["fundgraph-metrics"].before.append(hot.flush)
            return Keeping(app, hot, graph)

        def end(self, _server: object, _worker: object) -> None:
            if self.kg is not None:
                self.kg.close()

    try:
        Server().run()
    except SystemExit as end:  # gunicorn leaves by sys.exit
        if end.code not in (None, 0):
            raise


def _options(settings: Settings, ready: Callable[[Any], None], end: Callable[..., None]) -> dict[str, Any]:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return {
        "bind": f"{host}:{settings.port}",
        "workers": 1,
        "worker_class": "fundgraph.web.loop.Worker",
        "threads": settings.threads,
        "keepalive": 15,
        "graceful_timeout": int(settings.timeout) + 2,
        "accesslog": None,  # fundgraph.web.journal writes a better one
        "loglevel": "warning",
        "limit_request_line": 0,  # queries are long; the application answers 414
        "forwarded_allow_ips": "",  # the setting public_url says what a proxy would
        "control_socket_disable": True,
        "when_ready": ready,
        "post_fork": _post_fork,
        "worker_exit": end,
    }


def _post_fork(server: Any, _worker: object) -> None:
    die_with(server.pid)


def _announce(release: str) -> Callable[[Any], None]:
    def when_ready(server: Any) -> None:
        host, port = server.LISTENERS[0].getsockname()[:2]
        host = f"[{host}]" if ":" in host else host
        sys.stderr.write(f"Serving {release} on http://{host}:{port}\n")
        sys.stderr.flush()

    return when_ready


def get_once(
    build_dir: Path, settings: Settings, path: str, accept: str | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Answer one GET in this process, with no server; return status, headers and body."""
    from fundgraph.kg import KnowledgeGraph
    from fundgraph.web.app import create_app

    with KnowledgeGraph.open(build_dir, settings, served=True) as kg:
        client = create_app(kg, settings).test_client()
        response = client.get(path, headers={"Accept": accept} if accept else {})
        with response:
            return response.status_code, dict(response.headers), response.get_data()


def main(arguments: list[str] | None = None) -> None:
    """Serve a build folder; the command ``fundgraph serve`` does more."""
    parser = argparse.ArgumentParser(prog="python -m fundgraph.web.server", description=main.__doc__)
    parser.add_argument("build_dir", type=Path)
    parser.add_argument("--port", type=int)
    parser.add_argument("--timeout", type=float)
    parser.add_argument("--workers", type=int)
    given = vars(parser.parse_args(arguments))
    build_dir = given.pop("build_dir")
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    try:
        serve(build_dir, Settings.load(build_dir=build_dir, **given))
    except FundgraphError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
