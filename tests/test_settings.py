"""Settings: what wins over what, and what is said of wrong ones."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from fundgraph.errors import UsageError
from fundgraph.settings import Settings

from .conftest import ROOT


def test_order(tmp_path: Path) -> None:
    """Flags win over the environment, the environment over the file, the file over the defaults."""
    file = tmp_path / "fundgraph.toml"
    file.write_text('port = 1\nhost = "::1"\ntimeout = 3\n', encoding="utf-8")
    environ = {"FUNDGRAPH_PORT": "2", "FUNDGRAPH_HOST": "127.0.0.2", "FUNDGRAPH_STRICT": "yes"}
    settings = Settings.load(environ=environ, file=file, port=3, host=None)
    assert (settings.port, settings.host, settings.timeout, settings.strict) == (3, "127.0.0.2", 3.0, True)
    assert settings.queue == Settings().queue


@pytest.mark.parametrize(
    ("text", "says"),
    [("port = 'many'", "needs a int"), ("colour = 1", "no setting 'colour'"), ("port = ", "not readable as TOML"),
     ("engine = 'steam'", "no engine 'steam'")],
)  # fmt: skip
def test_wrong_settings(tmp_path: Path, text: str, says: str) -> None:
    """A wrong setting is an error that names the file and what is allowed."""
    file = tmp_path / "fundgraph.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        Settings.load(environ={}, file=file)
    assert says in str(caught.value)
    assert str(file) in str(caught.value)


def test_every_setting_is_documented() -> None:
    """docs/cli.md lists each setting with the words of its field."""
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for item in dataclasses.fields(Settings):
        assert f"| `{item.name}` | {item.metadata['doc']} |" in text, item.name
