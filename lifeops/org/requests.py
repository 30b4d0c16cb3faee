"""The request as views get it."""

from __future__ import annotations

from django.http import HttpRequest

from lifeops.org.models import User


class UserRequest(HttpRequest):
    """A request of somebody: `LoginRequiredMiddleware` lets nobody unknown come to a view. For annotations only."""

    user: User
