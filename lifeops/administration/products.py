"""险种装入 as a page: files sent, everything wrong with them or what they would change shown first, then loaded."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lifeops.administration.base import RULE_READERS
from lifeops.cases.access import access
from lifeops.cases.errors import Refused
from lifeops.cases.fields import DayField
from lifeops.org.models import Role, User
from lifeops.policies.loading.faults import Fault, Faulty
from lifeops.policies.loading.files import LIMITS, MB, Files, from_uploads, too_large
from lifeops.policies.loading.store import Bundle, compare, load, read_product
from lifeops.policies.models import ProductVersion

#: Seconds for which a preview can be confirmed.
HELD = 20 * 60
MOST = 8 * MB
OUTCOMES = {"new": "新险种", "version": "新版本", "same": "与现版本相同，不会改变"}


class SentFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files under one name."""

    widget = SentFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        sent = data if isinstance(data, list) else [data]
        return [super(FilesField, self).clean(one, initial) for one in sent or [None]]


class ProductFilesForm(forms.Form):
    sent = FilesField(
        label="产品文件", help_text="product.json、rates.csv，如有另加 cash_values.csv、illnesses.csv；或装有它们的一个压缩包（.zip）",
        error_messages={"required": "请选择文件", "empty": "文件是空的", "invalid": "请选择文件"},
    )  # fmt: skip
    sale_from = DayField(label="起售日", required=False, help_text="不填：新险种自今天，新版本自现版本之后的一天")


def may_load(user: User) -> bool:
    """Rules hold for the whole company: the manager at head office."""
    return user.holds_at_head_office(Role.MANAGER)


@access(*RULE_READERS)
@require_http_methods(["GET", "POST"])
def products(request: HttpRequest) -> HttpResponse:
    """Send files → what they would do → confirm. What is confirmed are the files that were shown."""
    user: User = request.user  # type: ignore[assignment]
    if request.method == "POST":
        require_loader(user)
    token = request.POST.get("token", "")
    sent = request.method == "POST" and not token
    form = ProductFilesForm(request.POST if sent else None, request.FILES if sent else None)
    faults: list[Fault] = []
    bundle: Bundle | None = None
    try:
        if token:
            loaded = confirm(user, token)
            messages.success(request, f"{loaded.code} {loaded.terms['name']}：{OUTCOMES[loaded.outcome]}，版本 {loaded.version}")
            return redirect("org:products")
        if request.method == "POST" and form.is_valid():
            token, bundle = preview(user, **form.cleaned_data)
    except Faulty as error:
        faults, token = error.faults, ""
    context = {
        "form": form, "faults": faults, "bundle": bundle, "token": token, "versions": versions(), "may_load": may_load(user),
        "outcome": OUTCOMES[bundle.outcome] if bundle else "", "counts": bundle.counts.items() if bundle else (),
    }  # fmt: skip
    return render(request, "org/products.html", context, status=400 if faults or form.errors else 200)


def require_loader(user: User) -> None:
    if not may_load(user):
        raise Refused(["险种由总公司运营主管装入"], who="总公司运营主管")


def versions() -> Any:
    """Every version, the newest of a product first; at most 200."""
    return ProductVersion.objects.select_related("product").defer("definition").order_by("product__code", "-sale_from")[:200]


def preview(user: User, sent: list[Any], sale_from: date | None) -> tuple[str, Bundle]:
    """What the files would do, and the word by which the same person confirms these very files. Faulty with all faults."""
    files = from_uploads(_read(sent))
    bundle = compare(read_product(files), today=timezone.localdate(), sale_from=sale_from)
    token = secrets.token_urlsafe(16)
    cache.set(_key(user, token), {"files": dict(files.content), "sale_from": sale_from}, HELD)
    return token, bundle


def confirm(user: User, token: str) -> Bundle:
    """Load what was shown to this person. Faulty where nothing is held under the word any longer."""
    held = cache.get(_key(user, token))
    if held is None:
        raise Faulty([Fault("预览", 0, "预览已过期，请重新选择文件")])
    loaded = load([read_product(Files("", held["files"]))], today=timezone.localdate(), sale_from=held["sale_from"])[0]
    cache.delete(_key(user, token))
    return loaded


def _key(user: User, token: str) -> str:
    return f"products:{user.pk}:{token[:40]}"


def _read(sent: list[Any]) -> dict[str, bytes]:
    """Contents by name; nothing is read of what is too large."""
    total = sum(one.size for one in sent)
    large = [too_large(one.name, one.size, LIMITS.get(one.name, MOST)) for one in sent if one.size > min(MOST, LIMITS.get(one.name, MOST))]
    if not large and total > MOST:
        large = [too_large("全部文件", total, MOST)]
    if large:
        raise Faulty(large)
    return {one.name: one.read() for one in sent}
