"""Investigations ask for 调查报告 by the code it has: under the other code the library's row could not be superseded."""

from django.db import migrations

WRONG, RIGHT = "INVESTIGATION_REPORT", "INV_REPORT"


def put_right(apps, schema_editor):
    for name in ("ContentItem", "HistoricalContentItem"):
        apps.get_model("cases", name).objects.using(schema_editor.connection.alias).filter(doc_type=WRONG).update(doc_type=RIGHT)


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_veil_events")]

    operations = [migrations.RunPython(put_right, migrations.RunPython.noop)]
