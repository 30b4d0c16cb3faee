"""Who works where, as what, and up to which amount (机构、岗位、权限)."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from simple_history.models import HistoricalRecords

from lifeops.org.statements import Question


class Level(models.IntegerChoices):
    """机构层级: five levels of a life insurer's tree."""

    HEAD_OFFICE = 1, "总公司"
    PROVINCE = 2, "分公司"
    CITY = 3, "中心支公司"
    COUNTY = 4, "支公司"
    OUTLET = 5, "营销服务部"


#: A code is one step of a path: a slash in it would put the unit under another one.
UNIT_CODE = r"^[0-9A-Za-z-]{1,12}\Z"


class Branch(models.Model):
    """机构. `path` ("86/8611/861101/") makes "this unit and everything under it" one prefix comparison."""

    code = models.CharField(
        "机构代码", max_length=12, unique=True,
        validators=[RegexValidator(UNIT_CODE, "机构代码只能用数字、字母和横线，最多 12 位")],
    )  # fmt: skip
    name = models.CharField("机构名称", max_length=60)
    short_name = models.CharField("简称", max_length=20)
    level = models.PositiveSmallIntegerField("层级", choices=Level)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级机构"
    )
    path = models.CharField("路径", max_length=80, unique=True, editable=False)
    active = models.BooleanField("营业中", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "机构"
        ordering = ["path"]
        indexes = [models.Index(fields=["path"], name="branch_path_like", opclasses=["varchar_pattern_ops"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(level=1, parent__isnull=True) | Q(level__gt=1, parent__isnull=False),
                name="branch_only_head_office_is_root",
            ),
            models.CheckConstraint(condition=Q(code__regex=UNIT_CODE), name="branch_code_is_one_step"),
        ]

    def __str__(self) -> str:
        return self.short_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.path = f"{self.parent.path if self.parent else ''}{self.code}/"
        super().save(*args, **kwargs)

    @property
    def is_hq(self) -> bool:
        return self.level == Level.HEAD_OFFICE

    def is_under(self, path: str) -> bool:
        """True when this unit lies at `path` or below it."""
        return self.path.startswith(path)


class Role(models.TextChoices):
    """岗位. Branch posts first, headquarters posts after them (facts 1.7)."""

    INTAKE = "intake", "受理岗"
    ENTRY = "entry", "录入岗"
    SCAN = "scan", "扫描岗"
    QUERY = "query", "问题件岗"
    INVESTIGATOR = "investigator", "调查岗"
    ISSUE = "issue", "发放岗"
    ARCHIVE = "archive", "档案岗"
    HEAD = "head", "机构主管"
    UNDERWRITER = "underwriter", "核保岗"
    PS_REVIEWER = "ps_reviewer", "保全审核岗"
    CL_REVIEWER = "cl_reviewer", "理赔审核岗"
    APPROVER = "approver", "批准岗"
    MANAGER = "manager", "运营主管"
    AUDITOR = "auditor", "审计岗"
    SYSADMIN = "sysadmin", "系统管理岗"
    SECADMIN = "secadmin", "安全管理岗"


BRANCH_ROLES = frozenset(
    {
        Role.INTAKE,
        Role.ENTRY,
        Role.SCAN,
        Role.QUERY,
        Role.INVESTIGATOR,
        Role.ISSUE,
        Role.ARCHIVE,
        Role.HEAD,
    }
)
#: 三员分立: these never touch a case; auditors read everything and write nothing.
CASELESS_ROLES = frozenset({Role.SYSADMIN, Role.SECADMIN})


class UserManager(DjangoUserManager["User"]):
    """Loads the home unit with the person: every page names it."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.select_related("branch").get(username=username)


class User(AbstractUser):
    """员工. What a person may do comes from postings alone, never from Django groups."""

    staff_no = models.CharField("工号", max_length=20, unique=True)
    name = models.CharField("姓名", max_length=40)
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="staff", verbose_name="所属机构", null=True, blank=True
    )
    #: Counts the closings of the account: a session begun before one is not good after it.
    session_epoch = models.PositiveIntegerField("会话批次", default=0, editable=False)
    #: A password handed out by others: until then it is good for one thing, to be changed. None once the person has set one.
    password_due = models.DateTimeField("初始密码有效至", null=True, blank=True, editable=False)
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]

    REQUIRED_FIELDS = ["staff_no", "name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = verbose_name_plural = "员工"
        ordering = ["staff_no"]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self.password_due = None

    def hand_out_password(self, until: datetime) -> str:
        """A first password that is good until then, and only for setting another. The row is to be saved."""
        password = secrets.token_urlsafe(12)
        self.set_password(password)
        self.password_due = until
        return password

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """What a session must carry to be good: the password and the epoch of the account."""
        salt = "lifeops.org.User.session"
        return salted_hmac(salt, f"{self.session_epoch}:{self.password}", secret=secret, algorithm="sha256").hexdigest()

    def active_postings(self, day: date | None = None) -> list[Posting]:
        """Postings in force on `day` (today by default), read once per loaded person."""
        day = day or timezone.localdate()
        cache: dict[date, list[Posting]] = self.__dict__.setdefault("_postings", {})
        if day not in cache:
            cache[day] = list(self.postings.in_force(day).select_related("branch")) if self.is_active else []
        return cache[day]

    def holds(self, *roles: str, path: str | None = None) -> bool:
        """True when the person holds one of `roles` now at a unit which covers `path`."""
        return any(p.role in roles and (path is None or path.startswith(p.branch.path)) for p in self.active_postings())

    def holds_at_head_office(self, *roles: str) -> bool:
        """True when the person holds one of `roles` now at head office: for what is of the whole company."""
        return any(p.role in roles and p.branch.is_hq for p in self.active_postings())

    def grade_in(self, role: str, path: str) -> int:
        """Highest grade held in `role` over `path`; 0 when the role is not held."""
        grades = [p.grade for p in self.active_postings() if p.role == role and path.startswith(p.branch.path)]
        return max(grades, default=0)

    def paths(self, *roles: str) -> list[str]:
        """The units covered by the given roles (all roles when none is named), widest first."""
        found = sorted({p.branch.path for p in self.active_postings() if not roles or p.role in roles})
        return [p for p in found if not any(p != q and p.startswith(q) for q in found)]

    def units(self, *roles: str) -> list[int]:
        """Keys of the units covered by the given roles, for columns that are indexed by unit."""
        scope = models.Q(pk__in=[])
        for path in self.paths(*roles):
            scope |= models.Q(path__startswith=path)
        return list(Branch.objects.filter(scope).values_list("pk", flat=True))

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(p.role for p in self.active_postings())

    @property
    def role_labels(self) -> list[str]:
        return sorted({p.get_role_display() for p in self.active_postings()})


class EffectiveQuerySet(models.QuerySet[Any]):
    """Rows with a first day and an optional last day, both included (C-10 以内含本数)."""

    begins, ends = "starts_on", "ends_on"

    def in_force(self, day: date) -> EffectiveQuerySet:
        return self.filter(
            Q(**{f"{self.ends}__isnull": True}) | Q(**{f"{self.ends}__gte": day}), **{f"{self.begins}__lte": day}
        )


class LimitQuerySet(EffectiveQuerySet):
    begins, ends = "effective_from", "effective_to"


class Posting(models.Model):
    """任岗: a role at a unit and everything under it, from a day to a day."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="postings", verbose_name="员工")
    role = models.CharField("岗位", max_length=20, choices=Role)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="postings", verbose_name="机构")
    grade = models.PositiveSmallIntegerField("级别", default=1, help_text="1 至 5，数字大者权限高")
    starts_on = models.DateField("任岗日")
    ends_on = models.DateField("离岗日", null=True, blank=True)
    history = HistoricalRecords()

    objects = EffectiveQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任岗"
        ordering = ["user", "role", "branch"]
        indexes = [models.Index(fields=["role", "branch"], name="posting_role_branch")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="posting_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(grade__gte=1, grade__lte=5), name="posting_grade_1_to_5"),
            models.UniqueConstraint(fields=["user", "role", "branch", "starts_on"], name="posting_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}·{self.branch}"


class AuthorityLimit(models.Model):
    """签批权限额度: what one grade of a role may sign alone.

    `item` and `outcome` blank mean "every". The most specific row in force decides; no row means no authority.
    Amounts in 元 (facts 4.8, 5.6).
    """

    role = models.CharField("岗位", max_length=20, choices=Role)
    grade = models.PositiveSmallIntegerField("级别")
    line = models.CharField("业务条线", max_length=20)
    item = models.CharField("业务项目", max_length=10, blank=True)
    outcome = models.CharField("结论", max_length=20, blank=True)
    max_amount = models.DecimalField("金额上限（元）", max_digits=14, decimal_places=2)
    effective_from = models.DateField("生效日")
    effective_to = models.DateField("失效日", null=True, blank=True)
    history = HistoricalRecords()

    objects = LimitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "权限额度"
        ordering = ["line", "role", "grade", "item", "outcome", "effective_from"]
        constraints = [
            models.CheckConstraint(condition=Q(max_amount__gte=0), name="limit_not_negative"),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
                name="limit_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["role", "grade", "line", "item", "outcome", "effective_from"], name="limit_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.grade} 级，不超过 {self.max_amount:,.2f} 元"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def now(self, at: datetime) -> AbsenceQuerySet:
        return self.filter(starts_at__lte=at, ends_at__gt=at)


class Absence(models.Model):
    """请假与代理: from one moment to another a colleague acts; a substitute never gains a wider limit."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="absences", verbose_name="请假人")
    substitute = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="substitutions", verbose_name="代理人", null=True, blank=True
    )
    starts_at = models.DateTimeField("开始")
    ends_at = models.DateTimeField("结束")
    reason = models.CharField("事由", max_length=100, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="登记人")

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "请假与代理"
        ordering = ["-starts_at"]
        # those of now and to come: what is over stays, and is not looked at
        indexes = [models.Index(fields=["ends_at"], name="absence_end")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absence_ends_after_start"),
            models.CheckConstraint(
                condition=Q(substitute__isnull=True) | ~Q(substitute=F("user")), name="absence_not_own_substitute"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} → {self.substitute or '无代理'}"


class ChangeOrder(models.Model):
    """变更申请: a change to postings, limits or accounts, asked for by one administrator and put in force by another."""

    class Kind(models.TextChoices):
        POSTING = "posting", "任岗"
        LIMIT = "limit", "权限额度"
        ACCOUNT = "account", "账号"

    class State(models.TextChoices):
        OPEN = "open", "待复核"
        APPLIED = "applied", "已生效"
        REFUSED = "refused", "已驳回"

    kind = models.CharField("类别", max_length=10, choices=Kind)
    payload = models.JSONField("内容")
    summary = models.CharField("摘要", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    reason = models.CharField("事由", max_length=200)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="申请人")
    requested_at = models.DateTimeField("申请时间", default=timezone.now)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name="复核人", null=True, blank=True
    )
    decided_at = models.DateTimeField("复核时间", null=True, blank=True)
    remark = models.CharField("复核意见", max_length=200, blank=True)
    handed_at = models.DateTimeField("初始密码取出时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "岗位与权限变更"
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="change_needs_second_person",
            )
        ]

    def __str__(self) -> str:
        return self.summary


def limit_for(*, role: str, grade: int, line: str, item: str, outcome: str, day: date) -> AuthorityLimit | None:
    """The limit row in force that speaks most closely of `item` and `outcome`, or None: no authority."""
    rows: list[AuthorityLimit] = _limits.read(day, role, grade, line, item, outcome)
    return max(rows, key=lambda r: (bool(r.outcome), bool(r.item), r.effective_from), default=None)


def covered(*, role: str, day: date) -> frozenset[tuple[int, str, str]]:
    """Grade, line and item ("" every) of which a role signs anything at all on a day: no row, no authority."""
    return frozenset(_covered.tuples(day, role))


@Question(date, str)
def _covered(day: date, role: str) -> Any:
    return AuthorityLimit.objects.in_force(day).filter(role=role).order_by().values_list("grade", "line", "item")


@Question(date, str, int, str, str, str)
def _limits(day: date, role: str, grade: int, line: str, item: str, outcome: str) -> Any:
    return AuthorityLimit.objects.in_force(day).filter(
        role=role, grade=grade, line=line, item__in=["", item], outcome__in=["", outcome]
    )


def amount_text(amount: Decimal) -> str:
    """Amount as people say it: 300000 → "30 万元", 1234.5 → "1,234.50 元"."""
    if amount >= 10000 and amount % 100 == 0:
        return f"{(amount / 10000).normalize():f} 万元"
    return f"{amount:,.2f} 元"
