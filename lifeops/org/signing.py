"""登录与初始密码: a password that others have handed out is good for one thing, to be changed, and for a day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from lifeops.org.models import User

EXPIRED = "初始密码已过期，请联系系统管理岗重新申请重置"
CHANGE_FIRST = "请先修改初始密码，再办理业务"


def overdue(user: User) -> bool:
    """True when the first password was not changed in time."""
    return user.password_due is not None and timezone.now() > user.password_due


class SignInForm(AuthenticationForm):
    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if overdue(user):
            raise forms.ValidationError(EXPIRED, code="expired")


class NewPasswordForm(PasswordChangeForm):
    """The new password is another one: what somebody else has handed out does not stay."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("new_password1") and self.user.check_password(data["new_password1"]):
            self.add_error("new_password1", "新密码不能与原密码相同")
        return data


class FirstPasswordMiddleware:
    """Until it is changed, a first password opens the page on which to change it, and the way out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        if not user.is_authenticated or user.password_due is None:
            return self.get_response(request)
        if overdue(user):
            logout(request)
            return redirect("login")
        page = reverse("password")
        if request.path in (page, reverse("logout")):
            return self.get_response(request)
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": CHANGE_FIRST, "reasons": [CHANGE_FIRST], "who": ""}, status=403)
        return redirect(page)
