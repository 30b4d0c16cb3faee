"""Triggers: legs and receipts only grow; what was registered is corrected by a further row, never by a change."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER leg_only_grows BEFORE UPDATE OR DELETE ON archive_leg
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_change();
CREATE TRIGGER receipt_only_grows BEFORE UPDATE OR DELETE ON archive_receipt
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_change();
"""
BACKWARD = """
DROP TRIGGER receipt_only_grows ON archive_receipt;
DROP TRIGGER leg_only_grows ON archive_leg;
"""


class Migration(migrations.Migration):
    dependencies = [("archive", "0004_legs_receipts_loans"), ("cases", "0003_append_only")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
