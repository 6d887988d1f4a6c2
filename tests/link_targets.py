"""Targets for tests: real servers on loopback. Their answers are made up, in the shapes of the services' documentation."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import httpx

from tests.ports import free_port

WIKIDATA = """
@prefix wd: <http://www.wikidata.org/entity/> .
@prefix wdt: <http://www.wikidata.org/prop/direct/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
wd:Q100001 wdt:P31 wd:Q5 ; rdfs:label "Ada Quell"@en , "Ada Quell"@de ; skos:altLabel "A. Quell"@en ;
  wdt:P108 wd:Q100010 ; wdt:P496 "0000-0002-1825-0097" ; wdt:P569 "1980-01-01"^^<http://www.w3.org/2001/XMLSchema#date> .
wd:Q100002 wdt:P31 wd:Q5 ; rdfs:label "Ada Quell"@en ; wdt:P108 wd:Q100011 .
wd:Q100003 wdt:P31 wd:Q16970 ; rdfs:label "Ada Quell"@en .
wd:Q100010 rdfs:label "University of Examples"@en . wd:Q100011 rdfs:label "Elsewhere College"@en .
"""
DBLP = """
@prefix dblp: <https://dblp.org/rdf/schema#> .
<https://dblp.org/pid/1/1> a dblp:Person ; dblp:primaryCreatorName "Ada Quell 0001" ; dblp:otherCreatorName "Ada Quell" ;
  dblp:primaryAffiliation "University of Examples" ; dblp:coCreatorWith <https://dblp.org/pid/1/2> .
<https://dblp.org/pid/1/2> a dblp:Person ; dblp:primaryCreatorName "Ben Fluss" .
<https://dblp.org/rec/1> dblp:authoredBy <https://dblp.org/pid/1/1> ; dblp:title "On Wells." ; dblp:yearOfPublication "2021" .
"""
RECORD = {
    "orcid-identifier": {"uri": "https://orcid.org/0000-0002-1825-0097", "path": "0000-0002-1825-0097", "host": "orcid.org"},
    "person": {
        "name": {"given-names": {"value": "Ada"}, "family-name": {"value": "Quell"}, "credit-name": None},
        "other-names": {"other-name": [{"content": "A. M. Quell"}]},
        "keywords": {"keyword": [{"content": "wells"}]},
    },
    "activities-summary": {
        "employments": {
            "affiliation-group": [
                {
                    "summaries": [
                        {
                            "employment-summary": {
                                "organization": {"name": "University of Examples"},
                                "start-date": {"year": {"value": "2015"}},
                                "end-date": None,
                            }
                        }
                    ]
                }
            ]
        },
        "fundings": {
            "group": [
                {
                    "funding-summary": [
                        {
                            "title": {"title": {"value": "Wells"}},
                            "external-ids": {"external-id": [{"external-id-type": "grant_number", "external-id-value": "441826958"}]},
                        }
                    ]
                }
            ]
        },
        "works": {"group": [{"work-summary": [{"title": {"title": {"value": "On Wells"}}, "publication-date": {"year": {"value": "2021"}}}]}]},
    },
}  # fmt: skip
GEPRIS_HITS = '<div class="results"><h2><a href="/gepris/projekt/464109215">Wells and  Springs</a></h2><a href="/hilfe">Hilfe</a></div>'
GEPRIS_PAGE = (
    '<h1>Wells and Springs</h1><span>Antragstellerin</span><a href="/gepris/person/123">Dr. Ada Quell</a>'
    '<a href="/gepris/institution/7">University of Examples</a><span>Term</span> <span>from 2021 to 2024</span>'
)
#: What is answered at a path.
ANSWERS: dict[str, Any] = {
    "/orcid/search/": {"result": [{"orcid-identifier": {"path": "0000-0002-1825-0097"}}], "num-found": 1},
    "/orcid/0000-0002-1825-0097/record": RECORD,
    "/openalex/authors": {
        "meta": {"count": 1},
        "results": [
            {
                "id": "https://openalex.org/A5000000001", "display_name": "Ada Quell", "orcid": "https://orcid.org/0000-0002-1825-0097",
                "display_name_alternatives": ["A. Quell"], "works_count": 12,
                "affiliations": [{"institution": {"display_name": "University of Examples"}, "years": [2019, 2023]}],
                "topics": [{"display_name": "Hydrology"}],
            }
        ],
    },
    "/ror/organizations": {
        "number_of_results": 1,
        "items": [
            {
                "id": "https://ror.org/05591te55", "status": "active",
                "names": [
                    {"value": "University of Examples", "types": ["label", "ror_display"]},
                    {"value": "Universität Beispiel", "types": ["label"]}, {"value": "UE", "types": ["acronym"]},
                ],
                "locations": [{"geonames_details": {"name": "Bonn", "country_name": "Germany", "lat": 50.73438, "lng": 7.09549}}],
            }
        ],
    },
    "/openaire/projects": {
        "header": {"numFound": 1},
        "results": [
            {
                "id": "dfg_________::1", "code": "464109215", "acronym": "WELLS", "title": "Wells and Springs", "startDate": "2021-01-01",
                "endDate": "2024-12-31", "subjects": ["Hydrology"], "fundings": [{"shortName": "DFG"}],
            }
        ],
    },
    "/gepris/gepris/OCTOPUS": GEPRIS_HITS,
    "/gepris/gepris/projekt/464109215": GEPRIS_PAGE,
    "/shape/authors": {"error": "no results member"},
    "/moved/0000-0002-1825-0097": {},
}  # fmt: skip


class Replay(BaseHTTPRequestHandler):
    """Answers by path; paths that begin with a fault behave so: ``/busy2/…`` answers 429 twice, then like ``/…``."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[float, str, str]]
    faults: dict[str, int]
    is_down = False
    """Whether nothing is answered but 503, wherever one asks."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        """Answer a probe."""
        if self.path.startswith("/gone"):
            self._send(410, b"")
        elif self.path.startswith("/moved"):
            self._send(301, b"", {"Location": "https://orcid.org/0000-0001-5109-3700"})
        else:
            self._send(200, b"")

    def do_GET(self) -> None:
        """Answer, with faults where the path asks for them."""
        type(self).seen.append((time.monotonic(), self.path, self.headers.get("User-Agent", "")))
        path = self.path.partition("?")[0]
        fault, _, rest = path[1:].partition("/")
        times = type(self).faults.get(unquote_plus(self.path), 0)
        type(self).faults[unquote_plus(self.path)] = times + 1
        if fault == "busy" and times < 2:
            return self._send(429, b"slow down", {"Retry-After": "3"})
        if fault == "broken" and times < 1:
            return self._send(200, b'{"results": [')
        if fault == "down" or self.is_down:
            return self._send(503, b"")
        if fault == "refused":
            return self._send(403, b"")
        if fault == "slow":
            time.sleep(1.5)
        answer = ANSWERS.get(f"/{rest}" if fault in ("busy", "broken", "slow", "down", "refused") else path)
        if answer is None:
            return self._send(404, b"{}")
        body = answer if isinstance(answer, str) else json.dumps(answer)
        return self._send(200, body.encode())

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        try:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
        except OSError:
            self.close_connection = True  # who was too slow to wait for has gone


@contextmanager
def replaying() -> Iterator[tuple[str, type[Replay]]]:
    """Run the server of REST answers; give its address, and what it has seen."""
    handler = type("Handler", (Replay,), {"seen": [], "faults": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", handler
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def oxigraph(folder: Path, turtle: str) -> Iterator[str]:
    """Run Oxigraph's own server over some Turtle; give the address of its endpoint."""
    program = shutil.which("oxigraph") or str(Path(sys.executable).parent / "oxigraph")
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        [program, "serve", "--location", str(folder / "store"), "--bind", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            for tries_left in reversed(range(600)):
                try:
                    httpx.post(
                        f"{address}/store?default",
                        content=turtle.encode(),
                        headers={"Content-Type": "text/turtle"},
                    ).raise_for_status()
                    break
                except httpx.ConnectError:
                    if not tries_left:
                        raise
                    time.sleep(0.05)
            yield f"{address}/query"
        finally:
            process.terminate()
