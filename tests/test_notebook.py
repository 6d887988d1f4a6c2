"""The notebook of the documentation runs, and its outputs are what it gives."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "docs" / "notebook.ipynb"
#: The release is named after the day of the build.
_CHANGING = re.compile(r"\d{4}-\d\d-\d\d-[0-9a-f]{8}")


@pytest.mark.slow
def test_the_notebook_gives_what_it_shows(spp_snapshot: Path, tmp_path: Path) -> None:
    """Run anew in a kernel of its own, each cell has the output that is in the file."""
    copy = tmp_path / "notebook.ipynb"
    run = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "run_notebook.py"), str(copy)],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "FUNDGRAPH_BUILD_DIR": str(spp_snapshot),
            "HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    shown, found = _outputs(NOTEBOOK), _outputs(copy)
    assert len(found) == len(shown) >= 8
    for number, (one, other) in enumerate(zip(shown, found, strict=True)):
        assert one == other, f"cell {number}: run docs/run_notebook.py"


def _outputs(path: Path) -> list[list[str]]:
    """Return the text of each code cell's outputs."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    return [
        [
            _CHANGING.sub(
                "RELEASE", str(one.get("text") or one["data"].get("text/html") or one["data"]["text/plain"])
            )
            for one in cell.outputs
        ]
        for cell in cells
    ]
