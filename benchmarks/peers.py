"""Other SPARQL servers, and ours, started over the same N-Triples for a benchmark and stopped after it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
GRAPH = "urn:bench"
_VIRTUOSO = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
ErrorLogLevel = 7
FileExtend = 200
[TempDatabase]
DatabaseFile = temp.db
TransactionFile = temp.trx
[Parameters]
ServerPort = {sql}
DirsAllowed = {folder}
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
ServerThreads = 60
[HTTPServer]
ServerPort = {http}
ServerRoot = {folder}
ServerThreads = 40
KeepAliveTimeout = 30
MaxKeepAlives = 40
[SPARQL]
ResultSetMaxRows = 1000000
MaxQueryExecutionTime = 60
"""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A running server: its name, the address of its endpoint, and what each request to it says besides."""

    name: str
    url: str
    extra: tuple[tuple[str, str], ...] = ()
    pid: int = 0

    def address(self, query: str) -> str:
        """Return the address that asks a query."""
        return f"{self.url}?{urllib.parse.urlencode([('query', query), *self.extra])}"

    def ask(self, query: str, timeout: float = 120.0) -> bytes:
        """Return the answer to a query as JSON."""
        request = urllib.request.Request(self.address(query), headers={"Accept": ACCEPT})
        with urllib.request.urlopen(request, timeout=timeout) as response:
            body: bytes = response.read()
            return body


def processor_time(pid: int) -> float:
    """Return the processor time that a process and those below it took, in seconds."""
    total, queue = 0, [pid]
    while queue:
        one = queue.pop()
        try:
            fields = (
                Path(f"/proc/{one}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
            )
            for task in Path(f"/proc/{one}/task").glob("*/children"):
                queue += map(int, task.read_text().split())
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def settle(endpoint: Endpoint, seconds: float = 40) -> bool:
    """Wait until a server works on nothing that nobody waits for any more; tell whether it came to that."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        before = processor_time(endpoint.pid)
        time.sleep(0.3)
        if processor_time(endpoint.pid) - before < 0.05:
            return True
    return False


ACCEPT = "application/sparql-results+json"


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait(endpoint: Endpoint, process: subprocess.Popen[bytes], seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            endpoint.ask("ASK {}", 5)
            return
        except (OSError, urllib.error.HTTPError):
            time.sleep(0.3)
    raise RuntimeError(f"{endpoint.name} did not start")


@contextmanager
def _running(
    name: str,
    command: list[str],
    folder: Path,
    path: str,
    seconds: float,
    port: int,
    extra: tuple[tuple[str, str], ...] = (),
) -> Iterator[Endpoint]:
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=_environment())
    try:
        endpoint = Endpoint(name, f"http://127.0.0.1:{port}{path}", extra, process.pid)
        _wait(endpoint, process, seconds)
        yield endpoint
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment() -> dict[str, str]:
    sources = str(Path(__file__).resolve().parent.parent / "src")
    return {**os.environ, "PYTHONPATH": sources, "FUNDGRAPH_MEMORY_QUADS": "5000000", "FUNDGRAPH_TIMEOUT": "60"}


@contextmanager
def fundgraph(data: Path, folder: Path) -> Iterator[Endpoint]:
    """Ours, over the file alone."""
    port = free_port()
    command = [sys.executable, "-m", "fundgraph", "serve", "--plain", "--data", str(data), "--port", str(port)]
    with _running("fundgraph", command, folder, "/sparql", 180, port) as endpoint:
        yield endpoint


@contextmanager
def oxigraph(data: Path, folder: Path) -> Iterator[Endpoint]:
    """Oxigraph's own server, its store on disk as it is meant to be run."""
    port = free_port()
    program = shutil.which("oxigraph") or str(BIN / "oxigraph")
    store = folder / "oxigraph-store"
    subprocess.run([program, "load", "-l", str(store), "-f", str(data)], check=True, capture_output=True)
    subprocess.run([program, "optimize", "-l", str(store)], check=True, capture_output=True)
    command = [program, "serve-read-only", "-l", str(store), "-b", f"127.0.0.1:{port}"]
    with _running("oxigraph", command, folder, "/query", 60, port) as endpoint:
        yield endpoint


@contextmanager
def rdflib_endpoint(data: Path, folder: Path) -> Iterator[Endpoint]:
    """rdflib-endpoint over rdflib's own store."""
    port = free_port()
    program = os.environ.get("RDFLIB_ENDPOINT") or shutil.which("rdflib-endpoint") or str(BIN / "rdflib-endpoint")
    command = [program, "serve", "--host", "127.0.0.1", "--port", str(port), str(data)]
    with _running("rdflib-endpoint", command, folder, "/", 300, port) as endpoint:
        yield endpoint


@contextmanager
def virtuoso(data: Path, folder: Path) -> Iterator[Endpoint]:
    """Virtuoso of Debian, the file loaded into one graph."""
    place = folder / "virtuoso"
    place.mkdir()
    web, sql = free_port(), free_port()
    (place / "virtuoso.ini").write_text(_VIRTUOSO.format(sql=sql, http=web, folder=place), encoding="utf-8")
    shutil.copy(data, place / "data.nt")
    command = ["virtuoso-t", "+foreground", "+wait", "+configfile", "virtuoso.ini"]
    extra = (("default-graph-uri", GRAPH),)
    with _running("virtuoso", command, place, "/sparql", 60, web, extra) as endpoint:
        load = f"log_enable(2); DB.DBA.TTLP(file_to_string_output('{place}/data.nt'), '', '{GRAPH}', 512); checkpoint;"
        subprocess.run(
            ["isql-vt", str(sql), "dba", "dba", f"exec={load}"], check=True, capture_output=True, timeout=600
        )
        yield endpoint


PEERS: dict[str, Callable[[Path, Path], object]] = {
    "fundgraph": fundgraph, "oxigraph": oxigraph, "rdflib-endpoint": rdflib_endpoint, "virtuoso": virtuoso,
}  # fmt: skip
