"""Health: alive, and ready (database and Redis answer)."""

from __future__ import annotations

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from lifeops.cases.access import public


@login_not_required
@public
def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@public
def ready(request: HttpRequest) -> JsonResponse:
    """PostgreSQL is needed; Redis only delays deliveries, so its absence is said and does not fail the check."""
    found = {"database": "ok", "redis": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        found["database"] = "down"
    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1).ping()
    except redis.RedisError:
        found["redis"] = "down"
    return JsonResponse(found, status=200 if found["database"] == "ok" else 503)
