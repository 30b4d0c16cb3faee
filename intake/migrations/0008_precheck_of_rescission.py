"""Only a suspended contract is ended by the company: the counter's rule for servicing in general would take in others."""

from datetime import date

from django.db import migrations

REFUSED = ["in_force", "grace", "apl", "paid_up", "waived", "terminated"]


def add_rule(apps, schema_editor):
    rules = apps.get_model("intake", "PrecheckRule").objects.using(schema_editor.connection.alias)
    if rules.exists() and not rules.filter(code="J03", item="PS33").exists():
        rules.create(
            code="J03", line="servicing", item="PS33", level="block", effective_from=date(2026, 1, 1), refused=REFUSED, review=[]
        )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("intake", "0007_precheck_of_what_is_left")]

    operations = [migrations.RunPython(add_rule, migrations.RunPython.noop)]
