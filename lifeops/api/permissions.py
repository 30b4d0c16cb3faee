"""Default deny: a view without its own declaration answers nobody."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission

from lifeops.cases.errors import Refused
from lifeops.cases.needs import labels


class NobodyUnlessDeclared(BasePermission):
    """Refuses everybody; each API view declares its roles."""

    message = "此接口未开放"

    def has_permission(self, request: Any, view: Any) -> bool:
        return False


class Holds(BasePermission):
    """The person holds one of the view's `access_roles` (`roles_by_method` narrows them); refused with who can."""

    message = "您的岗位不能使用此接口"

    def has_permission(self, request: Any, view: Any) -> bool:
        user = request.user
        if not (user and user.is_authenticated):
            return False
        if not user.holds(*view.access_roles):
            raise Refused([self.message], who=labels(view.access_roles))
        narrower = getattr(view, "roles_by_method", {}).get(request.method)
        if narrower and not user.holds(*narrower):
            raise Refused([f"此项办理供{labels(narrower)}使用"], who=labels(narrower))
        return True
