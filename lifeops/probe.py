"""`python -m lifeops.probe web|worker|beat`: is this process at work? Exit status 0 or 1, for containers and supervision."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

BEAT_SECONDS = 600  # beat writes its schedule every three minutes


def web() -> bool:
    """Ready, asked under the first host name that production answers to."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip()
    port = os.environ.get("PORT", "8000")
    with urlopen(Request(f"http://127.0.0.1:{port}/health/ready/", headers={"Host": host}), timeout=4) as answer:
        return bool(answer.status == 200)


def worker() -> bool:
    """The worker of this machine answers over the broker."""
    from lifeops.celery import app

    name = f"celery@{socket.gethostname()}"
    return any(name in answer for answer in app.control.ping(destination=[name], timeout=10, limit=1))


def beat() -> bool:
    """The schedule has been written lately."""
    from lifeops.settings import CELERY_BEAT_SCHEDULE_FILENAME

    path = Path(CELERY_BEAT_SCHEDULE_FILENAME)
    written = [p.stat().st_mtime for p in path.parent.glob(f"{path.name}*")]
    return bool(written) and time.time() - max(written) < BEAT_SECONDS


PROBES = {"web": web, "worker": worker, "beat": beat}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in PROBES:
        sys.stderr.write(f"用法：python -m lifeops.probe {'|'.join(PROBES)}\n")
        return 2
    try:
        well = PROBES[arguments[0]]()
    except Exception as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0 if well else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
