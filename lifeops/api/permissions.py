"""Default deny: a view without its own declaration answers nobody."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission


class NobodyUnlessDeclared(BasePermission):
    """Refuses everybody; each API view declares its roles."""

    message = "此接口未开放"

    def has_permission(self, request: Any, view: Any) -> bool:
        return False


class Holds(BasePermission):
    """The person holds one of the view's `access_roles`."""

    message = "您的岗位不能使用此接口"

    def has_permission(self, request: Any, view: Any) -> bool:
        user = request.user
        return bool(user and user.is_authenticated and user.holds(*view.access_roles))
