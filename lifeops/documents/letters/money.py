"""Amounts in words."""

from __future__ import annotations

from decimal import Decimal

import cn2an


def in_words(amount: Decimal) -> str:
    """人民币大写, as banks and courts want it: Decimal("1010.05") → 人民币壹仟零壹拾元零伍分."""
    words = cn2an.an2cn(f"{abs(amount):.2f}".removesuffix(".00"), "rmb")
    return f"人民币{'负' if amount < 0 else ''}{words}"
