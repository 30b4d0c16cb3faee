"""Triggers: events and custody only grow; an event may only be marked as published, once."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION cases_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% 只可追加，不可修改或删除', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION cases_event_publish_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NULL AND NEW.published_at IS NOT NULL
       AND to_jsonb(NEW) - 'published_at' = to_jsonb(OLD) - 'published_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% 只可追加，不可修改或删除', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER event_publish_only BEFORE UPDATE ON cases_caseevent
    FOR EACH ROW EXECUTE FUNCTION cases_event_publish_only();
CREATE TRIGGER event_no_delete BEFORE DELETE ON cases_caseevent
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_change();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON cases_caseevent
    FOR EACH STATEMENT EXECUTE FUNCTION cases_refuse_change();
CREATE TRIGGER custody_no_update BEFORE UPDATE OR DELETE ON cases_custodysegment
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_change();
CREATE TRIGGER custody_no_truncate BEFORE TRUNCATE ON cases_custodysegment
    FOR EACH STATEMENT EXECUTE FUNCTION cases_refuse_change();
"""

BACKWARD = """
DROP TRIGGER custody_no_truncate ON cases_custodysegment;
DROP TRIGGER custody_no_update ON cases_custodysegment;
DROP TRIGGER event_no_truncate ON cases_caseevent;
DROP TRIGGER event_no_delete ON cases_caseevent;
DROP TRIGGER event_publish_only ON cases_caseevent;
DROP FUNCTION cases_event_publish_only();
DROP FUNCTION cases_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
