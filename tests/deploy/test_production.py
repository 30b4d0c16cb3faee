"""Production does not start on what is meant for a developer's machine."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings

GOOD = {
    "LIFEOPS_ENV": "production",
    "SECRET_KEY": "k" * 64,
    "FIELD_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "BLIND_INDEX_KEY": "an-index-key-of-our-own",
    "ALLOWED_HOSTS": "lifeops.example.com",
    "DATABASE_URL": "postgres://lifeops:x@127.0.0.1:1/lifeops",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def start(**change: str | None) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of its own, under the good values but for `change`."""
    names = (*GOOD, *(f"{n}_FILE" for n in GOOD), "DEBUG", "DJANGO_SETTINGS_MODULE")
    env = {k: v for k, v in os.environ.items() if k not in names}
    env |= {k: v for k, v in {**GOOD, **change}.items() if v is not None}
    code = "import lifeops.settings as s; print(s.PRODUCTION, s.SECRET_KEY, s.SESSION_COOKIE_SECURE, s.SECURE_SSL_REDIRECT)"
    return subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )


def test_it_starts_with_everything_set():
    done = start()
    assert done.stdout.split() == ["True", "k" * 64, "True", "True"], done.stderr


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"FIELD_KEYS": None}, "FIELD_KEYS"),
        ({"FIELD_KEYS": settings.INSECURE_FIELD_KEY}, "FIELD_KEYS"),
        ({"FIELD_KEYS": f"{GOOD['FIELD_KEYS']},{settings.INSECURE_FIELD_KEY}"}, "FIELD_KEYS"),
        ({"BLIND_INDEX_KEY": None}, "BLIND_INDEX_KEY"),
        ({"BLIND_INDEX_KEY": f"{GOOD['BLIND_INDEX_KEY']}\n{settings.INSECURE_INDEX_KEY}"}, "BLIND_INDEX_KEY"),
        ({"DEBUG": "1"}, "DEBUG"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "lifeops.example.com,.example.com"}, "ALLOWED_HOSTS"),
        ({"DATABASE_URL": None}, "DATABASE_URL"),
        ({"REDIS_URL": None}, "REDIS_URL"),
    ],
)
def test_it_refuses_defaults(change: dict[str, str | None], words: str):
    done = start(**change)
    assert done.returncode != 0
    refusal = done.stderr.strip().splitlines()[-1]
    assert "生产环境拒绝启动" in refusal and words in refusal
    assert refusal.count("；") == 0, "one thing wrong, one thing said"


def test_secrets_come_from_files(tmp_path):
    path = tmp_path / "secret_key"
    path.write_text("f" * 60 + "\n")
    done = start(SECRET_KEY=None, SECRET_KEY_FILE=str(path))
    assert done.stdout.split()[1] == "f" * 60, done.stderr


def test_nothing_of_a_secret_is_said_in_the_refusal():
    done = start(SECRET_KEY="hunter2-hunter2", ALLOWED_HOSTS="*")
    assert "hunter2" not in done.stderr
