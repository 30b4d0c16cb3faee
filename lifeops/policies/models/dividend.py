"""红利公布: the rates a participating product shares by, entered by one person and put in force by another."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from lifeops.org.models import Role
from lifeops.policies.models.declared import Declared
from lifeops.policies.models.product import Product, ProductVersion

#: Who may look at what was declared; those of head office but the auditor act.
DIVIDEND_READERS = (Role.MANAGER, Role.APPROVER, Role.AUDITOR)


class DividendKind(models.TextChoices):
    CASH = "cash", "现金红利率"
    INTEREST = "interest", "累积利率"
    BONUS = "bonus", "年度红利率（增额）"
    TERMINAL = "terminal", "终了红利率"


class DividendBase(models.TextChoices):
    """What the rate is a share of (M-13: declared rate × base). A yearly bonus of the effective sum shares in itself, one of the
    basic sum does not; `BASES` says what goes with which kind."""

    BASIC = "basic", "基本保险金额"
    VALUE = "value", "周年日现金价值"
    EFFECTIVE = "effective", "有效保险金额"
    BONUS = "bonus", "累积红利保险金额"


BASES = {
    DividendKind.CASH: (DividendBase.BASIC, DividendBase.VALUE),
    DividendKind.INTEREST: (),
    DividendKind.BONUS: (DividendBase.BASIC, DividendBase.EFFECTIVE),
    DividendKind.TERMINAL: (DividendBase.BASIC, DividendBase.EFFECTIVE, DividendBase.BONUS),
}


class TerminalEnding(models.TextChoices):
    """With what a terminal bonus is paid."""

    DEATH = "death", "身故"
    SURRENDER = "surrender", "退保"
    MATURITY = "maturity", "满期"


class DividendRate(Declared):
    """A rate for the policy anniversaries from `first_on` to `last_on`, both included, of a terminal bonus for the endings from
    then to then. `version` empty: of every version. `year_from` to `year_to` (empty: no end) are the policy years over that
    day; `by_years`: a terminal rate counts once for each of them that is over. `spread` is False while policies whose
    anniversary has gone by are still to be looked at again by the day run, `spread_to` the last one that was."""

    called = "红利率"

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="dividend_rates", verbose_name="险种")
    version = models.ForeignKey(ProductVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="险种版本")
    kind = models.CharField("种类", max_length=10, choices=DividendKind)
    ending = models.CharField("终了情形", max_length=10, choices=TerminalEnding, blank=True)
    year_from = models.PositiveSmallIntegerField("保单年度起", default=1)
    year_to = models.PositiveSmallIntegerField("保单年度止", null=True, blank=True, help_text="空为不限")
    by_years = models.BooleanField("按年度数累计", default=False)
    base = models.CharField("基数", max_length=10, choices=DividendBase, blank=True)
    rate = models.DecimalField("年率", max_digits=8, decimal_places=6)
    first_on = models.DateField("周年日起")
    last_on = models.DateField("周年日止")
    reason = models.CharField("公布依据", max_length=100)
    decided_on = models.DateField("生效日", null=True, blank=True, help_text="批准之日；此前的周年日于此日补记")
    spread = models.BooleanField("已通知保单", default=False)
    spread_to = models.BigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "红利公布"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["product", "first_on"], name="dividend_in_force", condition=Q(state="applied"))]
        constraints = [
            models.CheckConstraint(condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")), name="dividend_second_person"),
            models.CheckConstraint(condition=~Q(state="applied") | Q(decided_on__isnull=False, decided_by__isnull=False), name="dividend_applied_by"),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lte=1), name="dividend_rate_in_range"),
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="dividend_ends_after_start"),
            models.CheckConstraint(
                condition=Q(kind="interest", base="") | Q(kind="cash", base__in=["basic", "value"])
                | Q(kind="bonus", base__in=["basic", "effective"]) | Q(kind="terminal", base__in=["basic", "effective", "bonus"]),
                name="dividend_base_of_kind",
            ),
            models.CheckConstraint(condition=Q(kind="terminal") & ~Q(ending="") | ~Q(kind="terminal") & Q(ending="", by_years=False), name="dividend_ending_of_terminal"),
            models.CheckConstraint(condition=Q(year_from__gte=1) & (Q(year_to__isnull=True) | Q(year_to__gte=F("year_from"))), name="dividend_years_in_order"),
        ]

    @property
    def rate_pct(self) -> str:
        """3.5 for a rate of 0.035."""
        return f"{(self.rate * 100).normalize():f}"

    @property
    def years_label(self) -> str:
        """"第 4 年起，按年数累计"; "" where every policy year is meant."""
        if self.year_to == self.year_from:
            found = f"第 {self.year_from} 年"
        elif self.year_to:
            found = f"第 {self.year_from} 至 {self.year_to} 年"
        else:
            found = f"第 {self.year_from} 年起" if self.year_from > 1 or self.by_years else ""
        return f"{found}，按年数累计" if self.by_years else found

    def holds_in(self, year: int) -> bool:
        """So many policy years being over."""
        return self.year_from <= year and (self.year_to is None or year <= self.year_to)

    def __str__(self) -> str:
        return f"{self.product} {self.get_kind_display()}"
