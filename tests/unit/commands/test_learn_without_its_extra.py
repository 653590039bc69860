"""Without scikit-learn everything else works, and `maturo learn` says how to get it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from plugin.cli import main


def test_a_missing_library_is_named_with_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in sys.modules if one.startswith("plugin.learning.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "plugin.services.learn", raising=False)
    for name in ("sklearn", "sklearn.linear_model", "sklearn.metrics"):
        monkeypatch.setitem(sys.modules, name, None)
    run = CliRunner(env={"MATURO_CONFIG": os.devnull})
    asked = run.invoke(main, ["learn", "propose", str(tmp_path / "proposal.json")])
    assert asked.exit_code == 1
    assert "sklearn" in asked.output
    assert 'pip install "maturo[learn]"' in asked.output
    assert run.invoke(main, ["learn", "--help"]).exit_code == 0
