"""Clients of the interface. The throttle counts in Redis, so each test starts from nothing."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient


@pytest.fixture(autouse=True)
def _no_tries_counted():
    cache.clear()


@pytest.fixture
def api():
    """`api(cast.clerk)` → a client of that person; `api()` → a stranger."""

    def sign_in(user=None):
        client = APIClient()
        if user is not None:
            client.force_authenticate(user)
        return client

    return sign_in
