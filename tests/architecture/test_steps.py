"""The machines: every step has words and needs, lines keep the shared steps, the state table is current."""

from __future__ import annotations

from django.conf import settings

from lifeops.cases import checks, registry, table
from lifeops.cases.models import Case
from lifeops.cases.needs import Needs
from lifeops.cases.review import ReviewSteps
from lifeops.cases.states import OPEN, State
from lifeops.cases.stepping import declared


def test_every_step_of_every_machine_declares_words_and_needs():
    for title, model, states in table.machines():
        for row in table.rows(model, states):
            where = f"{title} {row.name}"
            assert row.label, where
            assert isinstance(row.needs, Needs), where
            # a step that anybody could take would have no rules: only consequences of other steps have none
            assert bool(row.needs.rules) != row.internal, where
            assert all(str(rule) for rule in row.needs.rules), f"{where}: 条件没有名称"


def test_the_checks_at_start_up_find_nothing():
    assert checks.registry_resolves(None) == []


def test_lines_have_every_shared_step():
    """An override without its declaration silently stops being a step."""
    shared = set(declared(ReviewSteps))
    for line in registry.lines():
        assert shared - set(declared(registry.resolve(line.proxy))) == set(), line.code


def test_every_open_state_has_a_desk_and_a_way_on():
    for line in registry.lines():
        for state in OPEN:
            desk = registry.desk(registry.desk_code(line.code, state))
            ways = [r for r in table.rows(registry.resolve(desk.proxy), (state,)) if set(r.targets) - {state}]
            assert ways, f"{line.code} {state}"


def test_nothing_leaves_the_final_state_and_every_state_is_reached():
    reached = {State.RECEIVED.value}
    for _title, model, states in table.machines():
        if not issubclass(model, Case):
            continue
        for row in table.rows(model, states):
            assert row.source != State.ARCHIVED
            reached |= set(row.targets)
    assert reached == set(State.values)


def test_the_state_table_on_file_is_the_code():
    on_file = (settings.BASE_DIR / "docs" / "states.md").read_text(encoding="utf-8")
    assert on_file == table.as_markdown(), "请运行 python manage.py state_table --write"
