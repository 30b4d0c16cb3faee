"""Signing in, who one is, what can be done."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in
from django.utils import timezone
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle, SimpleRateThrottle

from lifeops.api.base import Endpoint, read
from lifeops.api.documenting import query, says
from lifeops.api.errors import TooMany
from lifeops.api.shapes import desk
from lifeops.cases.access import CASE_ROLES, describe
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.queues import queue_codes
from lifeops.cases.registry import lines, resolve
from lifeops.cases.states import ApplicantKind, Channel, State
from lifeops.documents.checklists import most_special
from lifeops.documents.models import ChecklistRule, DocType
from lifeops.org.models import Role, User
from lifeops.org.requests import read_day
from lifeops.org.signing import CHANGE_FIRST, EXPIRED, NewPasswordForm, network_shut, overdue


class PerName(SimpleRateThrottle):
    """Tries per name, wherever they come from; the name is not kept."""

    scope = "token"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        name = request.data.get("username") if isinstance(request.data, dict) else None
        if not isinstance(name, str) or not name:
            return None
        told = hashlib.sha256(name.strip().lower().encode("utf-8", "replace")).hexdigest()
        return self.cache_format % {"scope": "token.name", "ident": told}


class TokenView(Endpoint):
    """POST: name and password for a token. DELETE: the token is void from now on."""

    access_roles = ()
    permission_classes = [AllowAny]
    throttle_classes = [ScopedRateThrottle, PerName]
    throttle_scope = "token"

    @says(
        "auth_token_create", "登录，取得令牌", tag="登录", takes=desk.TokenBody, gives={200: desk.TokenShape}, refuses=(429,)
    )
    def post(self, request: Request) -> Response:
        told = read(desk.TokenBody, request)
        http, user = request._request, known(request, told["username"], told["password"])
        if user.password_due is not None:
            raise Refused([EXPIRED if overdue(user) else CHANGE_FIRST], who="本人修改：登录页，或 auth/password/")
        # counted as a sign-in: clears the failures before it, sets the time of the last one
        user_logged_in.send(sender=type(user), request=http, user=user)
        token, _ = Token.objects.get_or_create(user=user)
        return Response({"token": token.key})

    @says("auth_token_destroy", "注销令牌", tag="登录", gives={204: None}, refuses=(429,))
    def delete(self, request: Request) -> Response:
        if not request.user.is_authenticated:
            raise AuthenticationFailed("未登录或令牌无效")
        Token.objects.filter(user=request.user).delete()
        return Response(status=204)


class PasswordView(Endpoint):
    """Like signing in, by name and password: a first password gives no token before it is changed."""

    access_roles = ()
    permission_classes = [AllowAny]
    throttle_classes = [ScopedRateThrottle, PerName]
    throttle_scope = "token"

    @says(
        "auth_password_change", "修改本人密码（初始密码亦由此修改）；此后原有令牌与登录全部失效", tag="登录", takes=desk.PasswordBody,
        gives={204: None}, refuses=(429,),
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        told = read(desk.PasswordBody, request)
        user = known(request, told["username"], told["password"])
        if overdue(user):
            raise Refused([EXPIRED], who=Role.SYSADMIN.label)
        asked = {"old_password": told["password"], "new_password1": told["new_password"], "new_password2": told["new_password"]}
        form = NewPasswordForm(user, asked)
        if not form.is_valid():
            # typed once: there is one field to speak of
            raise Invalid({"new_password": [str(words) for row in form.errors.values() for words in row]})
        user_logged_in.send(sender=type(user), request=request._request, user=user)
        form.save()
        return Response(status=204)


def known(request: Request, username: str, password: str) -> User:
    """The person of a name and a password; 401 alike for whatever of it is wrong, 429 for too many tries."""
    http = request._request
    if network_shut(http):
        raise TooMany
    user = authenticate(http, username=username, password=password)
    if getattr(http, "axes_locked_out", False):
        http.axes_locked_out = False  # the answer is ours, not the page of the middleware
        raise TooMany
    if not isinstance(user, User):
        raise AuthenticationFailed("用户名或密码不正确，或账号已停用")
    return user


class MeView(Endpoint):
    access_roles = tuple(Role)

    @says("me_retrieve", "我：任岗与角色", tag="登录", gives={200: desk.Me})
    def get(self, request: Request) -> Response:
        user = request.user
        found = {
            "username": user.username,
            "staff_no": user.staff_no,
            "name": user.name,
            "branch": user.branch,
            "postings": user.active_postings(),
            "roles": sorted(user.roles),
            "queues": queue_codes(user),
        }
        return Response(desk.Me(found).data)


class CatalogueView(Endpoint):
    access_roles = CASE_ROLES

    @says(
        "catalogue_retrieve", "条线、业务项目、录入字段、资料清单、结论与理由码", tag="目录", gives={200: desk.Catalogue},
        parameters=(
            query("channel", "清单按此渠道，默认柜面"), query("applicant_kind", "清单按此申请人身份，默认投保人"),
            query("organisation", "申请人为单位时填 true：另含经办人的资料"), query("on", "清单按此日期（年-月-日），默认今天"),
        ),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        handler = ["organisation"] if request.query_params.get("organisation") == "true" else []
        channel = chosen(request, "channel", Channel, Channel.COUNTER)
        kind = chosen(request, "applicant_kind", ApplicantKind, ApplicantKind.POLICYHOLDER)
        day = day_of(request, "on")
        rules = list(
            ChecklistRule.objects.in_force(day)
            .filter(channel__in=["", channel], applicant_kind__in=["", kind, *handler])
            .select_related("doc_type")
        )
        found = {
            "day": day,
            "channels": pairs(Channel.choices),
            "applicant_kinds": pairs(ApplicantKind.choices),
            "states": pairs(State.choices),
            "doc_types": pairs(DocType.objects.values_list("code", "name")),
            "lines": [line_of(spec, rules) for spec in lines()],
        }
        return Response(desk.Catalogue(found).data)


def line_of(spec: Any, rules: list[ChecklistRule]) -> dict[str, Any]:
    decision_form = describe(resolve(spec.decision_form))
    return {
        "code": spec.code,
        "label": spec.label,
        "prefix": spec.prefix,
        "reviewer_role": spec.reviewer_role,
        "decision_form": decision_form,
        "reasons": spec.reasons,
        "items": [
            {
                "code": item.code,
                "name": item.name,
                "needs_policy": item.needs_policy,
                "one_signature": item.one_signature,
                "form": describe(resolve(item.form)),
                "outcomes": item.outcomes,
                "checklist": most_special([r for r in rules if r.line == spec.code and r.item in ("", item.code)]),
            }
            for item in spec.items
        ],
    }


def pairs(choices: Any) -> list[dict[str, str]]:
    return [{"value": str(value), "label": str(label)} for value, label in choices]


def chosen(request: Request, name: str, kind: Any, default: str) -> str:
    text = request.query_params.get(name, "") or str(default)
    if text not in kind.values:
        raise Invalid({name: ["没有这个选项"]})
    return text


def day_of(request: Request, name: str) -> date:
    """A day in the query; today where none is given."""
    text = request.query_params.get(name, "")
    if not text:
        return timezone.localdate()
    day = read_day(text)
    if day is None:
        raise Invalid({name: ["日期格式为 年-月-日，如 2026-11-25"]})
    return day
