"""A formula as a contract and a letter write it: names in Chinese, conditions as clauses have them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from lifeops.policies.rules.formula import COMPARE, WORDS, Node
from lifeops.policies.rules.lines import plain

#: Flags as a clause says that they hold, and that they do not.
FLAGS = {
    "in_waiting": ("等待期内", "等待期满后"), "accident": ("因意外伤害", "非因意外伤害"), "premium_complete": ("交费期满后", "交费期满前"),
    "annuity_started": ("开始领取后", "开始领取前"),
}  # fmt: skip
#: Completed years of life.
AGES = ("age", "anniversary_age")
THAN = {"<": "小于", "<=": "不超过", ">": "大于", ">=": "不低于", "=": "等于", "==": "等于", "!=": "不等于"}
THAN_AGE = THAN | {"<": "未满", ">=": "已满"}
SIGNS = {"*": "×", "/": "÷", "-": "−"}
#: What binds more tightly needs no brackets within what binds less.
BINDS = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 4, "neg": 3}
HUNDRED = Node("number", value=Decimal(100))


class _Teller:
    def __init__(self, values: Mapping[str, Decimal], names: Mapping[str, str]) -> None:
        self.values, self.names = values, names

    def amount(self, node: Node) -> str:
        if node.op == "number":
            return plain(node.value) if node.value else "0"
        if node.op == "word":
            name = self.names.get(node.word, node.word)
            return f"{name} {self.values[node.word]:,}" if node.word in self.values else name
        if node.op == "/" and node.parts[1] == HUNDRED and node.parts[0].op == "number":
            return f"{self.amount(node.parts[0])}%"
        if node.op in ("min", "max"):
            return self.one_of(node)
        if node.op == "money":
            return f"{self.part(node.parts[0])}取整到分"
        if node.op == "if":
            return f"{self.condition(node.parts[0])}的，{self.part(node.parts[1])}；其他情形，{self.part(node.parts[2])}"
        if node.op == "neg":
            return f"−{self.inner(node.parts[0], BINDS['neg'] + 1)}"
        if node.op not in BINDS:
            return self.condition(node)
        left, right = node.parts
        own = BINDS[node.op]
        # a − (b − c) and a ÷ (b × c) keep their brackets, (a − b) − c needs none
        tight = own + (node.op in ("-", "/", "^"))
        return f"{self.inner(left, own + (node.op == '^'))} {SIGNS.get(node.op, node.op)} {self.inner(right, tight)}"

    def one_of(self, node: Node) -> str:
        """The greatest or the least of its parts."""
        told = [self.part(part) for part in node.parts]
        if len(told) == 1:
            return told[0]
        which = "大" if node.op == "max" else "小"
        if len(told) > 2:
            return f"{'、'.join(told)}中的最{which}者"
        first, second = told
        return f"{first}{' ' if first[-1].isdigit() else ''}与{' ' if second[0].isdigit() else ''}{second}{' ' if second[-1].isdigit() else ''}中的较{which}者"

    def part(self, node: Node) -> str:
        """One of several things that are named beside each other: what is reckoned stands in brackets."""
        bare = node.op in ("number", "word") or (node.op == "/" and node.parts[1] == HUNDRED)
        return self.amount(node) if bare else f"（{self.amount(node)}）"

    def inner(self, node: Node, binds: int) -> str:
        text = self.amount(node)
        if node.op in ("number", "word") or (node.op == "/" and text.endswith("%")):
            return text
        if BINDS.get(node.op, 0) >= binds:
            return text
        return f"({text})" if node.op in BINDS else f"（{text}）"

    def condition(self, node: Node, holds: bool = True) -> str:
        if node.op == "not":
            return self.condition(node.parts[0], not holds)
        if node.op in ("and", "or"):
            # not (a and b) is: not a, or not b
            both = (node.op == "and") == holds
            told = [self.condition(part, holds) for part in node.parts]
            return "且".join(f"（{text}）" if both and "或" in text else text for text in told) if both else "或".join(told)
        if node.op == "word" and node.word in FLAGS:
            return FLAGS[node.word][not holds]
        if node.op in COMPARE:
            return self.compared(node, holds)
        return self.amount(node) if holds else f"并非{self.part(node)}"

    def compared(self, node: Node, holds: bool) -> str:
        left, right = node.parts
        sign = node.op if holds else {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "==": "!=", "!=": "="}[node.op]
        if left.op == "word" and left.word in AGES and right.op == "number":
            return f"{self.part(left)}{THAN_AGE[sign]} {self.part(right)} 周岁"
        return f"{self.part(left)}{THAN[sign]}{' ' if right.op == 'number' else ''}{self.part(right)}"


def in_words(node: Node, values: Mapping[str, Decimal] | None = None, labels: Mapping[str, str] | None = None) -> str:
    """The formula in words, with the amounts where `values` has them; `labels` name the product's own words."""
    return _Teller(values or {}, {**WORDS, **(labels or {})}).amount(node)


def condition_in_words(node: Node, labels: Mapping[str, str] | None = None) -> str:
    """When a case applies, to be followed by 的: 等待期内且非因意外伤害."""
    return _Teller({}, {**WORDS, **(labels or {})}).condition(node)
