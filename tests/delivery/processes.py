"""Real processes of one test: a Redis of its own, workers, beats and a clerk, on the test's database."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from lifeops.embedded import free_port, is_open, redis_binary
from tests.waiting import until


class Stage:
    """Starts and ends processes; whatever the test leaves running is ended with it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.running: list[subprocess.Popen[Any]] = []
        database = connection.settings_dict
        login = f"{database['USER']}:{database['PASSWORD']}" if database["PASSWORD"] else database["USER"]
        self.env = {
            **os.environ,
            "LIFEOPS_ENV": "test",
            "LIFEOPS_VAR": str(folder / "var"),
            "DATABASE_URL": f"postgres://{login}@{database['HOST']}:{database['PORT']}/{database['NAME']}",
            "REDIS_URL": f"redis://127.0.0.1:{self.port}/0",
            "DJANGO_SETTINGS_MODULE": "lifeops.settings",
            "PYTHONPATH": str(settings.BASE_DIR),
        }
        (folder / "var" / "run").mkdir(parents=True)
        self.mails = folder / "var" / "mail"

    def spawn(self, name: str, command: list[str], **options: Any) -> subprocess.Popen[Any]:
        env = self.env | options.pop("env", {})
        with open(self.folder / f"{name}.log", "ab") as log:
            options.setdefault("stdout", log)
            child = subprocess.Popen(command, stderr=log, env=env, cwd=settings.BASE_DIR, start_new_session=True, **options)
        self.running.append(child)
        return child

    def redis(self) -> subprocess.Popen[Any]:
        binary = shutil.which("redis-server") or str(redis_binary())
        data = self.folder / "redis"
        data.mkdir(exist_ok=True)
        child = self.spawn("redis", [binary, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(data), "--appendonly", "yes"])
        assert until(lambda: is_open(self.port), 30), self.log("redis")
        return child

    def worker(self) -> subprocess.Popen[Any]:
        return self.spawn("worker", [
            sys.executable, "-m", "celery", "-A", "lifeops", "worker", "-P", "threads", "-c", "4", "--without-gossip",
            "--without-mingle", "--without-heartbeat", "-l", "INFO",
        ], env={"CELERY_LOG_LEVEL": "INFO"})  # fmt: skip

    def worker_is_ready(self) -> bool:
        return " ready." in self.log("worker")

    def beat(self, number: int) -> subprocess.Popen[Any]:
        schedule = str(self.folder / f"beat{number}")
        command = [sys.executable, "-m", "celery", "-A", "lifeops", "beat", "-l", "INFO", "--pidfile=", "-s", schedule]
        return self.spawn(f"beat{number}", command, env={"DJANGO_SETTINGS_MODULE": "tests.delivery.fast_beat", "CELERY_LOG_LEVEL": "INFO"})

    def clerk(self) -> subprocess.Popen[Any]:
        child = self.spawn(
            "clerk", [sys.executable, "-m", "tests.delivery.clerk"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert child.stdout.readline() == "ready\n", self.log("clerk")
        return child

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def kill(self, child: subprocess.Popen[Any]) -> None:
        """kill -9, the whole group."""
        os.killpg(child.pid, signal.SIGKILL)
        child.wait(10)
        self.running.remove(child)

    def close(self) -> None:
        for child in list(self.running):
            self.kill(child)
