"""轨迹 and 持有: what was done, and who had the case from when. Both only grow; triggers in PostgreSQL refuse change."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from lifeops.cases.health import without_what_was_said
from lifeops.cases.models.case import Case
from lifeops.cases.states import Holder, State
from lifeops.org.models import Branch, User
from lifeops.policies.crypto import EncryptedJSONField
from lifeops.policies.identity import mask_address, mask_email


class CaseEvent(models.Model):
    """轨迹: one row per step; at once audit trail, timeline and outbox.

    `hash` covers the row and the hash before it, so a changed or missing row breaks the chain of its case.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events", verbose_name="案件")
    seq = models.PositiveIntegerField("序号")
    step = models.CharField("步骤", max_length=40)
    label = models.CharField("步骤名称", max_length=60)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="操作人")
    acting_for = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="代理"
    )
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="机构")
    from_state = models.CharField("原状态", max_length=20, blank=True)
    to_state = models.CharField("新状态", max_length=20)
    version = models.PositiveIntegerField("版本")
    reason = models.TextField("理由", blank=True)
    data = models.JSONField("内容", default=dict, encoder=DjangoJSONEncoder)
    #: Of events written before addresses were masked and health left out: `data` as it was, which the hash is over; `data` is then `veiled`.
    sealed = EncryptedJSONField(null=True, editable=False)
    at = models.DateTimeField("时间")
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    published_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "案件轨迹"
        ordering = ["case", "seq"]
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="event_seq_once")]
        indexes = [
            models.Index(fields=["actor", "case"], name="event_actor_case"),
            models.Index(fields=["id"], name="event_unpublished", condition=models.Q(published_at__isnull=True)),
            models.Index(fields=["at"], name="event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {timezone.localtime(self.at):%Y-%m-%d %H:%M}"

    @property
    def from_label(self) -> str:
        return State(self.from_state).label if self.from_state else ""

    @property
    def to_label(self) -> str:
        return State(self.to_state).label

    def digest(self) -> str:
        """SHA-256 over the row in canonical JSON and the hash before it."""
        return digest_of(
            case=self.case_id, seq=self.seq, step=self.step, actor=self.actor_id, acting_for=self.acting_for_id,
            from_state=self.from_state, to_state=self.to_state, version=self.version, reason=self.reason,
            data=self.data if self.sealed is None else self.sealed,
            at=self.at.timestamp(), prev=self.prev_hash,
        )  # fmt: skip


_canonical = DjangoJSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def digest_of(
    *, case: int, seq: int, step: str, actor: int | None, acting_for: int | None, from_state: str, to_state: str, version: int,
    reason: str, data: dict[str, Any], at: float, prev: str,
) -> str:
    """`CaseEvent.digest` of a row that is no instance; `data` as JSON gives it back."""
    row = {
        "case": case, "seq": seq, "step": step, "actor": actor, "acting_for": acting_for, "from": from_state, "to": to_state,
        "version": version, "reason": reason, "data": data, "at": at, "prev": prev,
    }  # fmt: skip
    return hashlib.sha256(_canonical(row).encode()).hexdigest()


def plain(data: dict[str, Any]) -> dict[str, Any]:
    """`data` as JSON would give it back, so that a hash taken before saving equals one taken after loading."""
    return json.loads(json.dumps(data, cls=DjangoJSONEncoder))


#: Labels of changed values that say where a person lives or is written to.
VEILED = ("联系地址", "电子邮箱")


def veiled(data: dict[str, Any], *, health: bool = True) -> dict[str, Any]:
    """`data` with addresses and mailboxes among its changes masked, and without what was said about health; a value may be
    “before → after”. `health`: False gives it as it was kept before health was veiled."""
    rows = data.get("changes")
    if not isinstance(rows, list):
        return data
    shown = [_veiled(row, health) if isinstance(row, dict) else row for row in rows]
    return data if shown == rows else data | {"changes": shown}


def _veiled(row: dict[str, Any], health: bool) -> dict[str, Any]:
    if str(row.get("label", "")).endswith(VEILED):
        return row | {end: _masked(row, row.get(end)) for end in ("before", "after")}
    return without_what_was_said(row) if health else row


def _masked(row: dict[str, Any], value: Any) -> Any:
    way = mask_email if row["label"].endswith("电子邮箱") else mask_address
    return " → ".join(part if part == "—" or "*" in part else way(part) for part in value.split(" → ")) if isinstance(value, str) else value


def broken_links(case: Case) -> list[int]:
    """Sequence numbers at which the chain of a case does not hold; empty when it is whole."""
    bad, previous, expected = [], "", 1
    for event in case.events.order_by("seq"):
        retold = event.sealed is None or veiled(event.sealed) == event.data
        if event.seq != expected or event.prev_hash != previous or event.hash != event.digest() or not retold:
            bad.append(event.seq)
        previous, expected = event.hash, event.seq + 1
    if expected - 1 != case.event_seq or previous != case.event_hash:
        bad.append(expected)
    return bad


class CustodySegment(models.Model):
    """持有: from `since` until the next segment of the same ledger begins.

    A case has one ledger (`request` empty); each 问题件 has its own. Nothing else is stored about elapsed time.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="custody", verbose_name="案件")
    request = models.ForeignKey(
        "cases.Request", on_delete=models.PROTECT, null=True, blank=True, related_name="custody", verbose_name="问题件"
    )
    seq = models.PositiveIntegerField("序号")
    party = models.CharField("持有方", max_length=10, choices=Holder)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="机构")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="人员")
    since = models.DateTimeField("起")
    cause = models.CharField("缘由", max_length=60)

    class Meta:
        verbose_name = verbose_name_plural = "持有记录"
        ordering = ["case", "request", "seq"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "request", "seq"], name="custody_seq_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_party_display()} 自 {timezone.localtime(self.since):%Y-%m-%d %H:%M}"


class IdempotencyKey(models.Model):
    """幂等键: a repeated request of one person answers with the first result."""

    actor = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    event = models.ForeignKey(CaseEvent, on_delete=models.PROTECT, null=True, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="idempotency_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]


class Draft(models.Model):
    """草稿: what a person has typed and not yet submitted, per form; kept until submitted. What is typed are people's
    numbers, so it is encrypted like the columns it will end in."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=120)
    data = EncryptedJSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "草稿"
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="draft_once")]
