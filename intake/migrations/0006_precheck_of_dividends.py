"""Dividends that were due before the end are collected after it: the counter's rule for servicing in general would stop it."""

from datetime import date

from django.db import migrations


def add_rule(apps, schema_editor):
    rules = apps.get_model("intake", "PrecheckRule").objects.using(schema_editor.connection.alias)
    if rules.exists() and not rules.filter(code="J03", item="PS27").exists():
        rules.create(
            code="J03", line="servicing", item="PS27", level="block", effective_from=date(2026, 1, 1),
            refused=[], review=["lapsed", "terminated"],
        )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("intake", "0005_precheck_of_maturity")]

    operations = [migrations.RunPython(add_rule, migrations.RunPython.noop)]
