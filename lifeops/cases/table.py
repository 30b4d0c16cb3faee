"""The state table: state × step × target × needs of every desk, read from the code that runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django_fsm import RETURN_VALUE

from lifeops.cases import registry
from lifeops.cases.models import Request
from lifeops.cases.needs import Needs
from lifeops.cases.states import BEFORE, RequestState, State
from lifeops.cases.stepping import declared

HEAD = """# 状态表

由 `python manage.py state_table --write` 从代码生成，与代码不一致时测试不通过。

一行是一个岗上的一个步骤：从哪个状态、去哪个状态、谁能办。多个条件须同时满足。"""


@dataclass(frozen=True)
class Row:
    """One step from one state."""

    source: str
    name: str
    label: str
    targets: tuple[str, ...]
    needs: Needs
    internal: bool


def rows(model: type, states: Any) -> list[Row]:
    """Steps a desk takes in its own states, in the order in which a case passes through them."""
    order = [str(s) for s in states]
    found = []
    for name, method in declared(model).items():
        for source, move in method._django_fsm.transitions.items():  # type: ignore[attr-defined]
            if source in order:
                goes = tuple(targets(move, source))
                found.append(Row(source, name, move.custom["label"], goes, move.permission, move.custom["internal"]))
    return sorted(found, key=lambda row: (order.index(row.source), row.name))


def targets(move: Any, source: str) -> Iterator[str]:
    """Where a transition may lead; it stays where it names no target."""
    if move.target is None:
        yield source
    elif isinstance(move.target, RETURN_VALUE):
        yield from map(str, move.target.allowed_states)
    else:
        yield move.target


def machines() -> Iterator[tuple[str, type, tuple[Any, ...]]]:
    """Every machine: title, class that declares the steps, its states."""
    for desk in sorted(registry.desks(), key=lambda found: (State(found.states[0]).value not in BEFORE, found.code)):
        yield f"{desk.label}（`{desk.code}`）", registry.resolve(desk.proxy), desk.states
    yield "问题件（`requests`）", Request, tuple(RequestState)


def as_markdown() -> str:
    """The whole table as a page."""
    parts = [HEAD]
    for title, model, states in machines():
        kind = type(states[0])
        parts.append(f"## {title}\n\n| 状态 | 步骤 | | 去向 | 谁能办 |\n|---|---|---|---|---|")
        for row in rows(model, states):
            goes = " / ".join(kind(t).label if t != row.source else "不变" for t in row.targets)
            who = "系统（其他步骤的结果）" if row.internal else "；".join(str(rule) for rule in row.needs.rules)
            parts[-1] += f"\n| {kind(row.source).label} | {row.label} | `{row.name}` | {goes} | {who} |"
    return "\n\n".join(parts) + "\n"
