"""Triggers of the case table write what a statement changed, summed up; existing cases are counted once.

Statement triggers see all rows of a statement at once: an import of ten thousand cases leaves a handful of differences,
a step that moves nothing leaves none. Rows are only appended, so steps at the same time never wait for each other.
"""

from django.db import migrations

UNDECIDED = "'received','returned','prechecked','captured','queued','in_review','waiting','pending_approval'"


def day(column):
    return f"({column} AT TIME ZONE 'Asia/Shanghai')::date"


def tally(rows, sign):
    return f"SELECT state, line, item, branch_id, holder_party, {sign} AS n FROM {rows}"


def flow(rows, sign):
    return f"""
        SELECT {day("accepted_at")} AS day, line, branch_id, {sign} AS i, 0 AS d, 0 AS o FROM {rows}
        UNION ALL SELECT {day("decided_at")}, line, branch_id, 0, {sign}, 0 FROM {rows}
            WHERE decided_at IS NOT NULL AND state NOT IN ({UNDECIDED})
        UNION ALL SELECT {day("archived_at")}, line, branch_id, 0, 0, {sign} FROM {rows}
            WHERE archived_at IS NOT NULL AND state = 'archived'"""


def insert(sources, suffix="delta"):
    tallies = " UNION ALL ".join(tally(*source) for source in sources)
    flows = " UNION ALL ".join(flow(*source) for source in sources)
    return f"""
    INSERT INTO insight_tally{suffix} (state, line, item, branch_id, holder_party, number)
        SELECT state, line, item, branch_id, holder_party, sum(n) FROM ({tallies}) changed
        GROUP BY state, line, item, branch_id, holder_party HAVING sum(n) <> 0;
    INSERT INTO insight_flow{suffix} (day, line, branch_id, came_in, decided, went_out)
        SELECT day, line, branch_id, sum(i), sum(d), sum(o) FROM ({flows}) changed
        GROUP BY day, line, branch_id HAVING sum(i) <> 0 OR sum(d) <> 0 OR sum(o) <> 0;
    """


OLD, NEW = ("old_rows", -1), ("new_rows", 1)
FORWARD = f"""
CREATE FUNCTION insight_count_cases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN {insert([NEW])}
    ELSIF TG_OP = 'UPDATE' THEN {insert([OLD, NEW])}
    ELSE {insert([OLD])}
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER insight_case_added AFTER INSERT ON cases_case
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION insight_count_cases();
CREATE TRIGGER insight_case_changed AFTER UPDATE ON cases_case
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION insight_count_cases();
CREATE TRIGGER insight_case_removed AFTER DELETE ON cases_case
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION insight_count_cases();
{insert([("cases_case", 1)], "")}
"""
BACKWARD = """
DROP TRIGGER insight_case_removed ON cases_case;
DROP TRIGGER insight_case_changed ON cases_case;
DROP TRIGGER insight_case_added ON cases_case;
DROP FUNCTION insight_count_cases();
DELETE FROM insight_tally; DELETE FROM insight_tallydelta; DELETE FROM insight_flow; DELETE FROM insight_flowdelta;
"""


class Migration(migrations.Migration):
    dependencies = [("insight", "0001_initial"), ("cases", "0004_board_indexes")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
