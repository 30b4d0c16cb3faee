"""Every address of the system with the view behind it and who the view says may come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.permissions import AllowAny

#: Namespaces with an access control of their own, proved by their own test.
APART = {"admin"}


@dataclass(frozen=True)
class Address:
    """One URL pattern: its name with namespaces, its route, the view and the namespaces above it."""

    name: str
    route: str
    view: Callable[..., Any]
    spaces: tuple[str, ...]

    @property
    def declared(self) -> tuple[str, ...] | None:
        """Roles the view declares; an empty tuple for deliberately public ones; None when it declares nothing."""
        for holder in (self.view, getattr(self.view, "cls", None), getattr(self.view, "view_class", None)):
            roles = getattr(holder, "access_roles", None)
            if roles is not None:
                return tuple(roles)
        return None

    @property
    def apart(self) -> bool:
        return bool(APART & set(self.spaces))

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api/")

    @property
    def open_to_all(self) -> bool:
        """No sign-in asked. Views of the interface ask for it themselves, behind the middleware."""
        kind = getattr(self.view, "cls", None)
        if kind is not None:
            return AllowAny in kind.permission_classes
        return getattr(self.view, "login_required", True) is False

    @property
    def arguments(self) -> tuple[str, ...]:
        import re

        return tuple(re.findall(r"<(?:\w+:)?(\w+)>", self.route))

    def __str__(self) -> str:
        return self.name or self.route or "/"


def addresses() -> list[Address]:
    """All patterns of the address book, once each."""
    return list(_walk(get_resolver().url_patterns, "", ()))


def _walk(patterns: list[Any], prefix: str, spaces: tuple[str, ...]) -> Iterator[Address]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _walk(pattern.url_patterns, route, inner)
        elif isinstance(pattern, URLPattern):
            name = ":".join((*spaces, pattern.name)) if pattern.name else ""
            yield Address(name, route, pattern.callback, spaces)
