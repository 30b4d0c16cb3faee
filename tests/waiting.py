"""Waiting for what other processes, threads and browsers do."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(done: Callable[[], bool], seconds: float = 10) -> bool:
    """Wait until something holds, looking ten times a second; False when it did not in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done():
            return True
        time.sleep(0.1)
    return done()
