"""公式: benefit formulas kept as data. A small grammar over Decimal, own parser, no `eval`; the words are a fixed list. Pure.

    max(cash_value, premiums_paid * age_pct)      60% of basic_sum_insured      if(age < 18, premiums_paid, cash_value)

Operators + − * / ( ) % "of" and comparisons, `and`, `or`, `not`; functions min, max, if, money. A word is an amount of the
contract (`WORDS`), the code of another benefit, or a definition given beside the formula. Anything else is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException

from lifeops.policies.rules.lines import money

#: Words of a formula → how a letter calls them. Amounts in 元, ratios as fractions, flags 1 or 0.
WORDS = {
    "basic_sum_insured": "基本保险金额", "effective_sum_insured": "有效保险金额", "sum_insured": "保险金额",
    "bonus_sum_insured": "累积红利保险金额", "premiums_paid": "已交保险费", "premium": "保险费", "annual_premium": "年交保险费", "pay_years": "交费年数", "waived_premiums": "豁免的保险费",
    "cash_value": "现金价值", "cash_value_basic": "基本保险金额的现金价值", "cash_value_bonus": "累积红利保险金额的现金价值",
    "annuity_paid_basic": "已给付养老保险金（基本部分）", "benefits_paid": "已给付保险金", "age_pct": "年龄给付比例",
    "payout_ratio": "给付比例", "covered_cost": "责任内费用", "other_compensation": "其他途径补偿", "deductible": "免赔额",
    "hospital_days": "住院天数", "daily_allowance": "日津贴额", "anniversary_age": "最近保单周年日年龄", "age": "年龄",
    "policy_year": "保单年度", "in_waiting": "等待期内", "accident": "意外", "premium_complete": "交费期满", "annuity_started": "已到领取日",
    "days_elapsed": "已过天数", "days_total": "保险期间天数",
}  # fmt: skip
#: Other spellings in use.
ALIASES = {
    "effective_sum_insured_at_death": "effective_sum_insured", "cash_value_at_death": "cash_value",
    "sum_assured": "basic_sum_insured", "paid_premiums": "premiums_paid", "total_premiums_paid": "premiums_paid",
}  # fmt: skip
FUNCTIONS = ("min", "max", "if", "money")
MOST_TEXT, MOST_DEPTH = 600, 25
TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(<=|>=|!=|==|[-+*/()%,<>=×÷−^]))", re.ASCII)
COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
}  # fmt: skip
SIGNS = {"×": "*", "÷": "/", "−": "-"}
#: A growing sum is raised to the policy year; nothing else is asked for.
MOST_POWER = 150
OPERATOR_WORDS = ("of", "and", "or", "not")


class FormulaError(ValueError):
    """The text is no formula of this grammar, or uses a word nobody knows. The message is Chinese."""


class MissingWord(FormulaError):
    """The formula needs an amount that was not given."""


@dataclass(frozen=True)
class Node:
    """`op` with its parts; a leaf holds a number or a word."""

    op: str
    parts: tuple[Node, ...] = ()
    value: Decimal = Decimal(0)
    word: str = ""


@dataclass(frozen=True)
class Token:
    kind: str
    text: str


def tokens(text: str) -> list[Token]:
    if len(text) > MOST_TEXT:
        raise FormulaError(f"公式超过 {MOST_TEXT} 个字符")
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise FormulaError(f"公式中有不能识别的字符“{text[at:].strip()[:1]}”")
        number, word, sign = match.groups()
        if number:
            found.append(Token("number", number))
        elif word:
            found.append(Token("sign" if word in OPERATOR_WORDS else "word", word))
        else:
            found.append(Token("sign", SIGNS.get(sign, sign)))
        at = match.end()
    return found


class _Parser:
    def __init__(self, text: str) -> None:
        self.rest, self.at, self.depth = tokens(text), 0, 0

    def peek(self) -> str:
        return self.rest[self.at].text if self.at < len(self.rest) and self.rest[self.at].kind == "sign" else ""

    def take(self, *signs: str) -> str:
        sign = self.peek()
        if sign and sign in signs:
            self.at += 1
            return sign
        return ""

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise FormulaError(f"公式缺少“{sign}”" if self.at >= len(self.rest) else f"“{self.rest[self.at].text}”处应为“{sign}”")

    def whole(self) -> Node:
        node = self.either()
        if self.at < len(self.rest):
            raise FormulaError(f"“{self.rest[self.at].text}”前缺少运算符")
        return node

    def either(self) -> Node:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise FormulaError(f"公式嵌套超过 {MOST_DEPTH} 层")
        node = self.both()
        while self.take("or"):
            node = Node("or", (node, self.both()))
        self.depth -= 1
        return node

    def both(self) -> Node:
        node = self.negated()
        while self.take("and"):
            node = Node("and", (node, self.negated()))
        return node

    def negated(self) -> Node:
        turns = 0
        while self.take("not"):
            turns += 1
        node = self.compared()
        return Node("not", (node,)) if turns % 2 else node

    def compared(self) -> Node:
        node = self.total()
        sign = self.take(*COMPARE)
        return Node(sign, (node, self.total())) if sign else node

    def total(self) -> Node:
        node = self.product()
        while sign := self.take("+", "-"):
            node = Node(sign, (node, self.product()))
        return node

    def product(self) -> Node:
        node = self.unary()
        while sign := self.take("*", "/", "of"):
            node = Node("*" if sign == "of" else sign, (node, self.unary()))
        return node

    def unary(self) -> Node:
        turns = 0
        while self.take("-"):
            turns += 1
        node = self.raised()
        return Node("neg", (node,)) if turns % 2 else node

    def raised(self) -> Node:
        node = self.share()
        return Node("^", (node, self.share())) if self.take("^") else node

    def share(self) -> Node:
        node = self.atom()
        while self.take("%"):
            node = Node("/", (node, Node("number", value=Decimal(100))))
        return node

    def atom(self) -> Node:
        if self.at >= len(self.rest):
            raise FormulaError("公式不完整")
        token = self.rest[self.at]
        self.at += 1
        if token.kind == "number":
            return Node("number", value=Decimal(token.text))
        if token.kind == "word" and self.peek() == "(":
            return self.call(token.text)
        if token.kind == "word":
            return Node("word", word=ALIASES.get(token.text, token.text))
        if token.text == "(":
            node = self.either()
            self.need(")")
            return node
        raise FormulaError(f"“{token.text}”处缺少数值")

    def call(self, name: str) -> Node:
        if name not in FUNCTIONS:
            raise FormulaError(f"没有函数“{name}”")
        self.need("(")
        parts = [self.either()]
        while self.take(","):
            parts.append(self.either())
        self.need(")")
        if len(parts) != {"if": 3, "money": 1}.get(name, len(parts)):
            raise FormulaError(f"函数“{name}”的参数个数不对")
        return Node(name, tuple(parts))


def parse(text: str) -> Node:
    """The formula as a tree. Words are not judged here: `unknown_words` does."""
    if not text.strip():
        raise FormulaError("公式为空")
    return _Parser(text).whole()


def words_of(node: Node) -> Iterator[str]:
    if node.op == "word":
        yield node.word
    for part in node.parts:
        yield from words_of(part)


def unknown_words(node: Node, also: Iterable[str] = ()) -> list[str]:
    """Words that are neither contract amounts nor among `also`, in order."""
    known = {*WORDS, *also}
    return [word for word in dict.fromkeys(words_of(node)) if word not in known]


def cycle_in(definitions: Mapping[str, Node]) -> list[str]:
    """A chain of definitions that leads back to itself, or nothing."""
    done: set[str] = set()
    for start in definitions:
        path: list[str] = []
        found = _walk(start, definitions, path, done)
        if found:
            return found
    return []


def _walk(name: str, definitions: Mapping[str, Node], path: list[str], done: set[str]) -> list[str]:
    if name in path:
        return [*path[path.index(name) :], name]
    if name in done or name not in definitions:
        return []
    path.append(name)
    for word in dict.fromkeys(words_of(definitions[name])):
        found = _walk(word, definitions, path, done)
        if found:
            return found
    path.pop()
    done.add(name)
    return []


def evaluate(node: Node, values: Mapping[str, Decimal], definitions: Mapping[str, Node] | None = None) -> Decimal:
    """Unrounded value (C-09 rounds what is published). MissingWord where an amount was not given."""
    try:
        return _value(node, values, definitions or {}, ())
    except (DecimalException, ZeroDivisionError) as error:
        raise FormulaError("公式算不出结果（除数为零或数值过大）") from error


def _value(node: Node, values: Mapping[str, Decimal], definitions: Mapping[str, Node], within: tuple[str, ...]) -> Decimal:
    op = node.op
    if op == "number":
        return node.value
    if op == "word":
        if node.word in values:
            return values[node.word]
        if node.word in definitions:
            if node.word in within:
                raise FormulaError(f"公式循环引用：{' → '.join([*within, node.word])}")
            return _value(definitions[node.word], values, definitions, (*within, node.word))
        raise MissingWord(f"缺少“{WORDS.get(node.word, node.word)}”")
    if op == "if":
        chosen = 1 if _value(node.parts[0], values, definitions, within) else 2
        return _value(node.parts[chosen], values, definitions, within)
    if op in ("and", "or"):
        first = bool(_value(node.parts[0], values, definitions, within))
        if first is (op == "or"):
            return Decimal(first)
        return Decimal(bool(_value(node.parts[1], values, definitions, within)))
    parts = [_value(part, values, definitions, within) for part in node.parts]
    if op in COMPARE:
        return Decimal(COMPARE[op](parts[0], parts[1]))
    return _REDUCE[op](parts)


def _power(parts: list[Decimal]) -> Decimal:
    base, times = parts
    if times != int(times) or abs(times) > MOST_POWER:
        raise FormulaError(f"乘方的次数应为 {MOST_POWER} 以内的整数")
    return base ** int(times)


_REDUCE: dict[str, Callable[[list[Decimal]], Decimal]] = {
    "+": lambda p: p[0] + p[1], "-": lambda p: p[0] - p[1], "*": lambda p: p[0] * p[1], "/": lambda p: p[0] / p[1],
    "^": _power, "neg": lambda p: -p[0], "not": lambda p: Decimal(not p[0]), "min": min, "max": max, "money": lambda p: money(p[0]),
}  # fmt: skip
