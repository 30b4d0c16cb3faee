"""核保限额 a fresh installation starts with (facts 4.2, 4.5, 4.6); all of them editable data with effective dates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from underwriting.models import UnderwritingLimit

FROM = date(2026, 1, 1)
WAN = 10000
#: age from, age to; in 万元: without exam, A, B, C (above C: D)
EXAMS = (
    (0, 17, 50, 80, 150, 300), (18, 35, 80, 120, 200, 400), (36, 40, 60, 100, 180, 350), (41, 45, 50, 80, 150, 300),
    (46, 50, 30, 60, 120, 250), (51, 55, 20, 40, 100, 200), (56, 60, 10, 20, 50, 100), (61, 150, 0, 20, 50, 80),
)
MULTIPLES = ((0, 30, 15), (31, 40, 12), (41, 50, 10), (51, 60, 8), (61, 150, 5))
#: code, age from, limit; bounds of the BMI are for adults
SINGLES = (
    ("NO_INCOME", 0, 30 * WAN), ("PREMIUM_SHARE", 0, 20), ("SINGLE_MULTIPLE", 0, 4), ("BMI_LOW", 18, 16), ("BMI_HIGH", 18, 32),
    ("HOLDER_AGE", 0, 65), ("HOLDER_AGE_REGULAR", 0, 60), ("RECENT", 0, 3), ("OCCUPATION", 0, 5),
)


def load_defaults(day: date = FROM) -> None:
    """Write what is missing; rows that exist, edited or not, stay as they are."""
    rows = [(code, low, 150, value) for code, low, value in SINGLES]
    rows += [("INCOME_MULTIPLE", low, high, value) for low, high, value in MULTIPLES]
    for low, high, *limits in EXAMS:
        rows += [(f"EXAM_{name}", low, high, limit * WAN) for name, limit in zip(("NONE", "A", "B", "C"), limits, strict=True)]
    for code, low, high, value in rows:
        UnderwritingLimit.objects.get_or_create(
            code=code, age_from=low, effective_from=day, defaults={"age_to": high, "value": Decimal(value)}
        )
