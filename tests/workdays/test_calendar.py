"""Working days are the State Council's: make-up days count, holidays do not, a missing year alarms and answers."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeops.workdays import calendar as calendar_module
from lifeops.workdays import checks
from lifeops.workdays.arithmetic import CHINA, WorkCalendar
from lifeops.workdays.calendar import forget_calendar, get_calendar
from lifeops.workdays.defaults import load_defaults
from lifeops.workdays.models import CalendarDay
from tests.workdays.year_2026 import CALENDAR, MAKE_UP, RESTS

days_of_2026 = st.dates(date(2026, 1, 1), date(2026, 10, 31))


@pytest.fixture(autouse=True)
def _forget():
    forget_calendar()
    calendar_module._alarmed.clear()
    yield
    forget_calendar()


# Arithmetic ---------------------------------------------------------------------------------------------------------
def test_start_day_is_not_counted_and_holidays_are_skipped():
    assert CALENDAR.add_workdays(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert CALENDAR.add_workdays(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert CALENDAR.add_workdays(date(2026, 2, 14), 1) == date(2026, 2, 24)
    assert CALENDAR.add_workdays(date(2026, 10, 1), 0) == date(2026, 10, 1)


def test_make_up_days_are_whole_working_days():
    for month, day in MAKE_UP:
        found = date(2026, month, day)
        assert found.weekday() >= 5 and CALENDAR.is_workday(found) and CALENDAR.working_minutes(found) == 420
    assert {CALENDAR.working_minutes(day) for day in RESTS} == {0}


def test_office_hours_skip_lunch_night_and_rest_days():
    def at(month, day, hour, minute=0):
        return datetime(2026, month, day, hour, minute, tzinfo=CHINA)

    assert CALENDAR.add_work_hours(at(6, 1, 11), 2) == at(6, 1, 14, 30)
    assert CALENDAR.add_work_hours(at(9, 30, 17), 1) == at(10, 8, 9, 30)
    assert CALENDAR.add_work_hours(at(6, 1, 9), Decimal("0.5")) == at(6, 1, 9, 30)
    assert CALENDAR.add_work_hours(at(6, 1, 3), 0) == at(6, 1, 3)


def test_going_backwards_is_refused():
    with pytest.raises(ValueError):
        CALENDAR.add_workdays(date(2026, 6, 1), -1)
    with pytest.raises(ValueError):
        CALENDAR.add_work_hours(datetime(2026, 6, 1, 9, tzinfo=CHINA), -1)


@settings(max_examples=200, deadline=None)
@given(day=days_of_2026, n=st.integers(1, 40))
def test_adding_and_counting_are_each_others_inverse(day, n):
    due = CALENDAR.add_workdays(day, n)
    assert CALENDAR.is_workday(due) and CALENDAR.workdays_between(day, due) == n
    assert CALENDAR.workdays_between(day, due - timedelta(days=1)) == n - 1
    assert CALENDAR.workdays_between(due, day) == 0


@settings(max_examples=200, deadline=None)
@given(
    day=st.datetimes(datetime(2026, 1, 1), datetime(2026, 10, 31), timezones=st.just(CHINA)),
    hours=st.integers(1, 80),
)
def test_added_hours_are_exactly_the_office_time_between(day, hours):
    assert CALENDAR.working_time(day, CALENDAR.add_work_hours(day, hours)) == timedelta(hours=hours)


def test_years_that_are_not_covered_are_named():
    assert CALENDAR.missing_years(date(2025, 12, 1), date(2027, 1, 5)) == [2025, 2027]
    assert CALENDAR.is_covered(2026) and not CALENDAR.is_covered(2027)


# Table --------------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_missing_year_is_one_alarm_and_a_conservative_answer(caplog):
    calendar = get_calendar()
    assert calendar.is_covered(2026) and not calendar.is_covered(2051)
    with caplog.at_level("WARNING"):
        assert calendar.add_workdays(date(2051, 1, 2), 1) == date(2051, 1, 3)
        assert calendar.add_workdays(date(2051, 5, 1), 5) == date(2051, 5, 8)
    assert caplog.text.count("缺少 2051 年") == 1


@pytest.mark.django_db
def test_one_day_entered_by_hand_does_not_silence_the_alarm_for_its_year():
    CalendarDay.objects.create(day=date(2051, 1, 3), is_workday=False, name="元旦")
    assert not get_calendar().is_covered(2051)
    assert not get_calendar().is_workday(date(2051, 1, 3))


@pytest.mark.django_db
def test_an_edited_and_a_deleted_day_show_at_once_and_leave_history():
    assert get_calendar().is_workday(date(2026, 6, 1))
    row = CalendarDay.objects.get(day=date(2026, 6, 1))
    row.is_workday, row.note = False, "临时放假"
    row.save()
    assert not get_calendar().is_workday(date(2026, 6, 1))
    assert row.history.count() == 1
    CalendarDay.objects.filter(pk=row.pk).delete()
    assert get_calendar().is_workday(date(2026, 6, 1)) and not get_calendar().is_covered(2026)


@pytest.mark.django_db
def test_calendar_is_read_once_a_minute(django_assert_num_queries, monkeypatch):
    with django_assert_num_queries(1):
        first = get_calendar()
        assert get_calendar() is first
    later = calendar_module.time.monotonic() + 61
    monkeypatch.setattr(calendar_module.time, "monotonic", lambda: later)
    with django_assert_num_queries(1):
        assert get_calendar() is not first


@pytest.mark.django_db
def test_defaults_cover_2004_to_2026_in_chinese_and_keep_edits():
    CalendarDay.objects.filter(day=date(2026, 6, 1)).update(is_workday=False)
    CalendarDay.objects.filter(day=date(2004, 1, 2)).delete()
    assert load_defaults() == 1
    assert load_defaults() == 0
    assert get_calendar().missing_years(date(2004, 1, 1), date(2026, 12, 31)) == []
    assert not get_calendar().is_workday(date(2026, 6, 1))
    CalendarDay.objects.filter(day__year=2026).delete()
    load_defaults()
    names = dict(CalendarDay.objects.filter(day__year=2026).exclude(name="").values_list("day", "name"))
    assert names[date(2026, 2, 16)] == "春节" and names[date(2026, 2, 14)] == "春节调休上班"
    assert not any(letter.isascii() and letter.isalpha() for name in names.values() for letter in name)


# Check --------------------------------------------------------------------------------------------------------------
def test_the_coming_year_is_asked_for_from_sixty_days_before():
    assert checks.years_to_load(CALENDAR, date(2026, 11, 1)) == []
    assert checks.years_to_load(CALENDAR, date(2026, 11, 2)) == [2027]
    assert checks.years_to_load(WorkCalendar(), date(2026, 12, 31)) == [2026, 2027]


@pytest.mark.django_db
def test_check_warns_when_this_year_is_not_loaded(time_machine):
    time_machine.move_to(datetime(2026, 6, 1, 9, tzinfo=CHINA))
    assert checks.calendar_is_loaded(None, databases=["default"]) == []
    CalendarDay.objects.filter(day__year=2026).delete()
    found = checks.calendar_is_loaded(None, databases=["default"])
    assert [(m.id, "2026" in m.msg) for m in found] == [("workdays.W001", True)]
    assert checks.calendar_is_loaded(None, databases=None) == []


# Files --------------------------------------------------------------------------------------------------------------
def load(tmp_path, text, *options):
    path, out = tmp_path / "日历.csv", io.StringIO()
    path.write_bytes(text.encode("utf-8-sig") if isinstance(text, str) else text)
    call_command("load_calendar", f"--csv={path}", *options, stdout=out)
    return out.getvalue().strip()


@pytest.mark.django_db
def test_file_adds_changes_and_leaves_and_says_so(tmp_path):
    text = "date,weekday,is_workday,name\n2051-01-01,7,0,元旦\n2026-06-01,1,0,临时放假\n2026-06-02,2,1,\n"
    assert load(tmp_path, text) == "新增 1 天，更改 1 天，未变 1 天"
    assert load(tmp_path, text) == "新增 0 天，更改 0 天，未变 3 天"
    assert not get_calendar().is_workday(date(2026, 6, 1))
    changed = CalendarDay.objects.get(day=date(2026, 6, 1))
    assert changed.history.get().history_change_reason == "装入文件 日历.csv"


@pytest.mark.django_db
def test_file_without_a_note_column_keeps_the_notes(tmp_path):
    CalendarDay.objects.filter(day=date(2026, 6, 1)).update(note="国办发明电")
    load(tmp_path, "date,is_workday\n2026-06-01,0\n")
    row = CalendarDay.objects.get(day=date(2026, 6, 1))
    assert (row.is_workday, row.note) == (False, "国办发明电")


@pytest.mark.django_db
def test_file_of_exceptions_only_fills_the_rest_of_its_year(tmp_path):
    load(tmp_path, "date,is_workday,name\n2051-01-02,0,元旦\n2051-01-07,1,元旦调休上班\n", "--fill")
    calendar = get_calendar()
    assert calendar.is_covered(2051)
    assert not calendar.is_workday(date(2051, 1, 2)) and calendar.is_workday(date(2051, 1, 7))
    assert calendar.is_workday(date(2051, 1, 3)) and not calendar.is_workday(date(2051, 1, 8))


@pytest.mark.django_db
def test_bad_rows_are_all_named_and_nothing_is_loaded(tmp_path):
    text = (
        "date,weekday,is_workday,name\n2051-13-01,1,0,\n2051-01-03,2,是,\n2051-01-04,7,1,\n"
        f"2051-01-05,,1,{'长' * 41}\n2051-01-06,5,1,\n2051-01-06,5,1,\n"
    )
    with pytest.raises(CommandError) as refusal:
        load(tmp_path, text)
    message = str(refusal.value)
    for part in (
        "第 2 行：日期“2051-13-01”无法识别",
        "第 3 行：“是否工作日”应为 0 或 1，现为“是”",
        "第 4 行：星期与日期不符，2051-01-04 应为 3",
        "第 5 行：名称超过 40 个字",
        "第 7 行：日期 2051-01-06 与第 6 行重复",
    ):
        assert part in message
    assert not CalendarDay.objects.filter(day__year=2051).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("day,works\n2051-01-01,0\n", "缺少列 date、is_workday"),
        ("", "缺少列"),
        ("date,is_workday\n", "文件中没有日期"),
        ("date,is_workday,name\n2026-01-01,0,元旦\n".encode("gbk"), "不是 UTF-8 编码"),
        ("date,is_workday\n2051-01-01\n", "“是否工作日”应为 0 或 1"),
    ],
)
def test_a_file_of_the_wrong_kind_is_refused_in_chinese(tmp_path, content, said):
    with pytest.raises(CommandError, match=said):
        load(tmp_path, content)


@pytest.mark.django_db
def test_a_missing_file_is_refused_in_chinese(tmp_path):
    with pytest.raises(CommandError, match="无法打开文件"):
        call_command("load_calendar", f"--csv={tmp_path / '无.csv'}")


# Reference data -----------------------------------------------------------------------------------------------------
@pytest.mark.shared_data
@pytest.mark.django_db
def test_table_agrees_with_the_published_calendar_on_every_day(shared):
    calendar, seen, wrong = get_calendar(), 0, []
    with (shared / "data" / "holidays.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            seen += 1
            if calendar.is_workday(date.fromisoformat(row["date"])) != (row["is_workday"] == "1"):
                wrong.append(row["date"])
    assert wrong == [] and seen > 8000


@pytest.mark.shared_data
@pytest.mark.django_db
def test_published_file_loads_into_an_empty_table(shared):
    CalendarDay.objects.all().delete()
    out = io.StringIO()
    call_command("load_calendar", f"--csv={shared / 'data' / 'holidays.csv'}", stdout=out)
    assert out.getvalue().strip() == f"新增 {CalendarDay.objects.count()} 天，更改 0 天，未变 0 天"
    assert get_calendar().missing_years(date(2004, 1, 1), date(2026, 12, 31)) == []


@pytest.mark.shared_data
def test_calendar_of_2026_in_the_tests_is_the_published_one(shared):
    with (shared / "data" / "holidays.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            if row["date"].startswith("2026"):
                assert CALENDAR.is_workday(date.fromisoformat(row["date"])) == (row["is_workday"] == "1"), row


@pytest.mark.django_db
def test_those_who_load_the_calendar_are_told_of_a_missing_year_once_a_month(cast, time_machine):
    from lifeops.cases.tasks import alarm_missing_years
    from lifeops.notices.models import Notice

    CalendarDay.objects.filter(day__year=2026, day__month=12).delete()
    forget_calendar()

    def told() -> list[tuple[str, str]]:
        return sorted(Notice.objects.filter(key__startswith="calendar:").values_list("recipient__username", "title"))

    time_machine.move_to(datetime(2025, 10, 20, 12, tzinfo=CHINA))
    assert (alarm_missing_years(), told()) == (0, [])
    time_machine.move_to(datetime(2025, 11, 20, 12, tzinfo=CHINA))
    assert (alarm_missing_years(), alarm_missing_years()) == (1, 1)
    both = [("manager", "工作日历缺少 2026 年"), ("sysadmin", "工作日历缺少 2026 年")]
    assert told() == both
    time_machine.move_to(datetime(2025, 12, 1, 12, tzinfo=CHINA))
    alarm_missing_years()
    assert told() == sorted(both * 2)
    CalendarDay.objects.filter(day__year=2026).delete()
    load_defaults()
    assert alarm_missing_years() == 0
