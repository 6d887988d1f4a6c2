"""A programme whose documents are a folder: front matter of a site, and a file that is no text."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fundgraph.documents.programme import read_programme
from fundgraph.errors import DocumentError
from fundgraph.pipeline import read_documents

from .conftest import ROOT

TOML = """[programme]
name = "Ice and Fog"
number = "TST 2"
base = "https://example.org/ice/"

[[document]]
id = "site"
file = "content"
source = "https://example.org/site"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A programme with a folder of front matter."""
    shutil.copytree(ROOT / "tests" / "data" / "records" / "hugo" / "content", tmp_path / "ice" / "content")
    (tmp_path / "ice" / "content" / "photo.jpg").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "ice" / "programme.toml").write_text(TOML, encoding="utf-8")
    return tmp_path / "ice"


def test_a_folder_of_documents(site: Path) -> None:
    """All files are read with ids and paths of their own; who is named by a file is that file's person; a photo is left out."""
    said: list[str] = []
    read = read_documents(read_programme(site), (), said.append)
    titles = {project.title for extraction in read for project in extraction.projects}
    assert titles == {"Eis auf Flüssen", "Fog over dams"}
    paths = {extraction.document.path for extraction in read}
    assert "content/project/ice/index.md" in paths
    assert all(extraction.document.id.startswith("site-") for extraction in read)
    assert all(extraction.document.source == "https://example.org/site" for extraction in read)
    people = {
        person.person_id for extraction in read for project in extraction.projects for person in project.people
    }
    assert "ada-quell" in people
    assert any("photo.jpg" in line for line in said)


def test_a_folder_without_a_project(site: Path) -> None:
    """A folder in which no project stands is one clear error."""
    shutil.rmtree(site / "content" / "project")
    with pytest.raises(DocumentError, match="no project was found"):
        read_documents(read_programme(site), ())
