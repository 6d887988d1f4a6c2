"""A real browser on a real server: what the tests of pages share."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.test_engine_workers import soon

ROOT = Path(__file__).resolve().parent.parent
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = ROOT / "build" / "screenshots"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 740}
#: Milliseconds to wait for what is to come, for a machine that is busy with other tests; nothing waits so long else.
WAIT = 45_000
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")
#: Switches of Chromium: no sandbox in containers, and no talk with its maker.
SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
)  # fmt: skip


def _missing(what: str) -> None:
    """Fail in CI, skip elsewhere."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


@functools.cache
def axe() -> str:
    """Return axe-core, as ``npm ci`` puts it there; it is no part of what is shipped."""
    if not AXE.is_file():
        npm = shutil.which("npm")
        if npm is None:
            _missing("npm is needed to get axe-core")
        # No script of a package needs to run: axe-core is a file that is read.
        command = [str(npm), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        done = subprocess.run(command, cwd=ROOT / "frontend", capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
    return AXE.read_text(encoding="utf-8")


@contextmanager
def serving(build: Path) -> Iterator[str]:
    """Run ``fundgraph serve`` on a free port of this machine; yield its address."""
    log = build / "browser-server.log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "fundgraph", "serve", "--port", "0", "--build-dir", str(build)],
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )
    said: list[str] = []
    try:
        assert soon(lambda: bool(said.extend(re.findall(r"on (http://\S+)\n", log.read_text())) or said), 30)
        yield said[0]
    finally:
        process.terminate()
        process.wait(20)
    assert "Traceback" not in log.read_text()


def expect(what: Any) -> Any:
    """Return Playwright's assertions about a page or a part of one, which wait for what they say to become so."""
    from playwright.sync_api import expect as expected

    expected.set_options(timeout=WAIT)
    return expected(what)


@dataclass
class Visit:
    """An open page, and what went wrong on it: messages of the console, requests to others."""

    page: Any
    root: str
    wrong: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def go(self, path: str, status: int = 200) -> Any:
        """Open a page of the site, which answers with this status; return the page."""
        from playwright.sync_api import Error

        try:
            answer = self.page.goto(self.root + path)
        except Error as error:  # a connection that the busy server closed while it was used again
            if "net::ERR_" not in error.message:
                raise
            answer = self.page.goto(self.root + path)
        assert answer.status == status, (path, answer.status)
        return self.page

    def shot(self, name: str) -> None:
        """Keep a picture of what is in view in ``build/screenshots/``."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png")

    def axe(self, rules: Sequence[str] = ()) -> list[str]:
        """Return what axe-core finds serious or critical on the page, a line each; by these rules, or all."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(axe())
        asked = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": list(TAGS)}
        found = self.page.evaluate(
            "asked => axe.run(document, {resultTypes: ['violations'], runOnly: asked}).then(r => r.violations"
            ".filter(v => ['serious', 'critical'].includes(v.impact)).map(v => v.id + ': ' + v.nodes.slice(0, 3)"
            ".map(n => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join('; ')))",
            asked,
        )
        return list(found)

    def shorten(self) -> None:
        """Take away what repeats itself: of long tables, lists and drawings the first rows stand for all."""
        self.page.evaluate(
            "document.querySelectorAll('tbody tr:nth-child(n+13), main li:nth-child(n+13), main dl > :nth-child(n+25),"
            " main svg :is(a, line, circle, path, g, rect):nth-child(n+25), select option:nth-child(n+9)')"
            ".forEach(one => one.remove())"
        )

    def widest(self) -> list[str]:
        """Return the elements that stand out of the screen at the right."""
        found = self.page.evaluate(
            "[...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll, nav, .CodeMirror') &&"
            " e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)"
            ".slice(0, 4).map(e => e.tagName + '.' + e.className + ' ' + e.textContent.trim().slice(0, 30))"
        )
        return list(found)


class Browser:
    """Debian's Chromium, and contexts in it that watch what pages do."""

    def __init__(self, chromium: Any, root: str) -> None:
        self._chromium = chromium
        self.root = root

    @contextmanager
    def visit(self, *, errors: bool = False, **options: Any) -> Iterator[Visit]:
        """Open an empty page; at the end it must have asked only this site and logged no error.

        ``errors`` allows messages of the console, for pages that are asked for what is wrong.
        """
        from playwright.sync_api import Error

        context = self._chromium.new_context(
            **({"viewport": DESK, "locale": "en-GB", "bypass_csp": True} | options)
        )
        context.set_default_timeout(WAIT)
        page = context.new_page()
        visit = Visit(page, self.root)
        page.on("console", lambda said: said.type == "error" and visit.wrong.append(said.text))
        page.on("pageerror", lambda error: visit.wrong.append(str(error)))
        context.on("request", lambda request: visit.asked.append(request.url))
        try:
            yield visit
        except (AssertionError, Error) as error:
            error.add_note(f"What the page said: {visit.wrong}; the last it asked for: {visit.asked[-6:]}")
            raise
        finally:
            context.close()
        outside = [url for url in visit.asked if not url.startswith((self.root, "data:", "blob:"))]
        assert not outside, outside
        if not errors:
            assert not visit.wrong, visit.wrong


@contextmanager
def launched() -> Iterator[Any]:
    """Start Debian's Chromium. One of a process at a time: Playwright cannot be started beside itself."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium")
    if path is None:
        _missing("Debian's chromium is needed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(SWITCHES))
        try:
            yield chromium
        finally:
            chromium.close()
