"""登录与初始密码: a password that others have handed out is good for one thing, to be changed, and for a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from axes.helpers import get_client_ip_address, get_cool_off
from axes.models import AccessAttempt
from django import forms
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LogoutView
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from lifeops.org.models import User

#: Failures from one network address within `axes`' cooling-off, whatever the names: more is one password tried on many.
MOST_PER_NETWORK = 60
NETWORK_SHUT = "本网络登录失败次数过多，请 15 分钟后再试"
EXPIRED = "初始密码已过期，请联系系统管理岗重新申请重置"
CHANGE_FIRST = "请先修改初始密码，再办理业务"


def overdue(user: User) -> bool:
    """True when the first password was not changed in time."""
    return user.password_due is not None and timezone.now() > user.password_due


def network_shut(request: HttpRequest | None) -> bool:
    """True while too many tries have failed from this address. `axes` itself counts a name at an address."""
    if request is None:
        return False
    rows = AccessAttempt.objects.filter(
        ip_address=get_client_ip_address(request), attempt_time__gt=timezone.now() - (get_cool_off(request) or timedelta(minutes=15))
    )
    return bool((rows.aggregate(failed=Sum("failures_since_start"))["failed"] or 0) >= MOST_PER_NETWORK)


class SignInForm(AuthenticationForm):
    error_messages = {**AuthenticationForm.error_messages, "invalid_login": "账号或密码不正确，请核对大小写后再试"}

    def clean(self) -> dict[str, Any]:
        if network_shut(self.request):
            raise forms.ValidationError(NETWORK_SHUT, code="network")
        return super().clean()

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


class SignOut(LogoutView):
    """The browser drops what it kept of the pages: scans are kept for minutes, and a counter has the next clerk."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache"'
        return response


class PrivateMiddleware:
    """What a person of the house is answered stays in no cache, unless the answer itself says for how long it may: the next
    person at the counter goes back with the same browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control") and (request.user.is_authenticated or request.path.startswith("/api/")):
            response["Cache-Control"] = "private, no-store"
        return response


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
