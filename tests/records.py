"""What the tests of structured sources share: the fixtures' folder, and short ways to read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from fundgraph.documents import document_from_bytes, read_document
from fundgraph.extract import extract
from fundgraph.extract.report import to_json
from fundgraph.model import Extraction

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data" / "records"


def read(name: str) -> Extraction:
    """Read a fixture."""
    return extract(read_document(DATA / name))


def read_text(text: str, name: str = "x") -> Extraction:
    """Read a text as a file of that name."""
    return extract(document_from_bytes(text.encode(), path=name))


def shown(extraction: Extraction) -> dict[str, Any]:
    """Return the extraction as the command line's JSON."""
    return to_json(extraction)


def codes(extraction: Extraction) -> list[str]:
    """Return the findings' codes."""
    return [one.code for one in extraction.findings]


def shared_samples() -> Path:
    """Return the folder of third-party samples, or skip the test where it is not."""
    for place in (ROOT.parent / "shared", ROOT.parent.parent / "shared"):
        if (place / "documents" / "structured").is_dir():
            return place / "documents" / "structured"
    if os.environ.get("CI"):
        pytest.fail("the third-party samples are not beside the project, at ../shared/documents/structured")
    pytest.skip("the third-party samples are not beside the project, at ../shared/documents/structured")
