"""Clients of the interface. The throttle counts in Redis, so each test starts from nothing."""

from __future__ import annotations

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _no_tries_counted():
    """Not by emptying Redis: the queues of other tests are in it."""
    redis = cache._cache.get_client(write=True)
    for key in redis.scan_iter(f"{cache.key_prefix}:*"):
        redis.delete(key)
