"""What `make run` starts, as a newcomer starts it: with nothing given from outside."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.conf import settings

from lifeops.embedded import free_port

PARTS = {"postgres", "redis", "web", "worker", "beat"}
FROM_OUTSIDE = ("DATABASE_URL", "REDIS_URL", "LIFEOPS_ENV", "DJANGO_SETTINGS_MODULE")


class Start:
    """One start of the whole system in a folder, without demo data; `said` is what it told on the screen."""

    def __init__(self, var: Path, port: int) -> None:
        given = {name: value for name, value in os.environ.items() if name not in FROM_OUTSIDE}
        self.said: list[str] = []
        self.ready = threading.Event()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lifeops.serve"], cwd=settings.BASE_DIR, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=given | {"LIFEOPS_VAR": str(var), "PORT": str(port), "LIFEOPS_DEMO": "0"},
        )
        self.reader = threading.Thread(target=self._listen, daemon=True)
        self.reader.start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line)
            if "已就绪" in line:
                self.ready.set()
        self.ready.set()

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def parts(var: Path) -> dict[str, int]:
    return {path.stem: int(path.read_text()) for path in (var / "run").glob("*.pid")}


@pytest.fixture
def var(tmp_path):
    """A folder that has the assets and nothing else."""
    for name in ("node", "vendor"):
        (tmp_path / name).symlink_to((settings.VENDOR.parent / name).resolve())
    yield tmp_path
    for pid in parts(tmp_path).values():
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def test_everything_comes_up_by_one_command_survives_a_kill_and_goes_down_by_one_signal(var):
    port = free_port()
    first = Start(var, port)
    assert first.ready.wait(240) and first.process.poll() is None, "".join(first.said)
    with urlopen(f"http://127.0.0.1:{port}/", timeout=30) as page:
        assert page.status == 200 and "登录" in page.read().decode()
    running = parts(var)
    assert set(running) == PARTS and all(alive(pid) for pid in running.values())

    second = Start(var, port)
    assert second.process.wait(60) == 1 and second.ready.wait(10)
    second.reader.join(10)
    assert "正被另一个运行中的系统使用" in "".join(second.said)
    assert all(alive(pid) for pid in running.values())

    first.process.kill()
    first.process.wait(10)
    third = Start(var, port)
    assert third.ready.wait(120) and third.process.poll() is None, "".join(third.said)
    assert not any(alive(pid) for pid in running.values())
    again = parts(var)
    assert "数据库迁移" not in "".join(third.said)  # left as it is by the same code: nothing to do
    assert third.end() == 0
    assert not any(alive(pid) for pid in again.values()) and parts(var) == {}
