"""The steps and states by which a clock rule says when it starts and stops, in words."""

from __future__ import annotations

from archive.services import MONEY
from lifeops.cases import registry
from lifeops.cases.clocks import named
from lifeops.cases.states import State
from lifeops.cases.stepping import declared


def occasions() -> dict[str, str]:
    """Name → words: every step of every desk, then every state entered."""
    found = {"register": "受理登记"}
    for desk in registry.desks():
        for name, method in sorted(declared(registry.resolve(desk.proxy)).items()):
            for move in method._django_fsm.transitions.values():  # type: ignore[attr-defined]
                found.setdefault(name, move.custom["label"])
    found |= {f"payment.{act}": words for act, (_, words) in MONEY.items()}
    return found | {f"state:{state.value}": f"进入“{state.label}”" for state in State}


def in_words(text: str) -> str:
    known = occasions()
    return "、".join(known.get(name, name) for name in text.split(",") if name) or "—"


def choices(*texts: str) -> list[tuple[str, str]]:
    """All occasions, with those a row already names even where no desk knows them any more."""
    known = occasions()
    for text in texts:
        known |= {name: name for name in named(text) if name not in known}
    return list(known.items())
