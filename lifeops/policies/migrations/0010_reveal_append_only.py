"""Looks behind masks only grow."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION policies_reveal_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% 只可追加，不可修改或删除', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER reveal_append_only BEFORE UPDATE OR DELETE ON policies_reveal
    FOR EACH ROW EXECUTE FUNCTION policies_reveal_only_grows();
"""
BACKWARD = """
DROP TRIGGER reveal_append_only ON policies_reveal;
DROP FUNCTION policies_reveal_only_grows();
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0009_parties")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
