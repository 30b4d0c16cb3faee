"""System checks: every dotted name of the registry resolves, every declared step has words and needs."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

from lifeops.cases import registry
from lifeops.cases.needs import Needs
from lifeops.cases.stepping import declared


@register()
def registry_resolves(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Dotted names are resolved at start-up, so a typo is found before a clerk finds it."""
    found: list[CheckMessage] = []
    names: list[tuple[str, str]] = []
    for line in registry.lines():
        names += [
            (line.code, n)
            for n in (line.proxy, line.record, line.decision, line.decision_form, line.rules, line.summary, line.effect)
        ]
        names += [(f"{line.code}.{item.code}", item.form) for item in line.items]
        names += [(line.code, tab[3]) for tab in line.tabs]
    names += [(desk.code, desk.proxy) for desk in registry.desks()]
    for where, name in names:
        try:
            import_string(name)
        except ImportError as error:
            found.append(Error(f"{where}: {name} 无法导入（{error}）", id="cases.E001"))
    return found + steps_are_whole()


def steps_are_whole() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for desk in registry.desks():
        try:
            model = import_string(desk.proxy)
        except ImportError:
            continue
        for name, method in declared(model).items():
            for transition in method._django_fsm.transitions.values():  # type: ignore[attr-defined]
                if not isinstance(transition.permission, Needs) or not transition.custom.get("label"):
                    found.append(Error(f"{model.__name__}.{name} 缺少岗位要求或名称", id="cases.E002"))
                form = transition.custom.get("form")
                if form:
                    try:
                        import_string(form)
                    except ImportError as error:
                        found.append(Error(f"{model.__name__}.{name}: {form} 无法导入（{error}）", id="cases.E003"))
    return found
