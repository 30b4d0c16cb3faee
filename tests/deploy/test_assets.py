"""The front-end packages install on a machine that has no npm."""

from __future__ import annotations

import os
import subprocess

from lifeops.assets.install import npm


def test_npm_of_the_wheel_answers_where_the_system_has_none(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    done = subprocess.run([*npm(), "--version"], capture_output=True, text=True, env={**os.environ, "HOME": str(tmp_path)}, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split(".")[0]) >= 9


def test_npm_of_the_system_comes_first(monkeypatch, tmp_path):
    mine = tmp_path / "npm"
    mine.write_text("#!/bin/sh\n")
    mine.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert npm() == [str(mine)]
