"""满期金 is collected when the contract is over: the counter's rule for servicing in general would stop it there."""

from datetime import date

from django.db import migrations


def add_rule(apps, schema_editor):
    rules = apps.get_model("intake", "PrecheckRule").objects.using(schema_editor.connection.alias)
    if rules.exists() and not rules.filter(code="J03", item="PS26").exists():
        rules.create(
            code="J03", line="servicing", item="PS26", level="block", effective_from=date(2026, 1, 1),
            refused=["in_force", "grace", "apl", "paid_up", "waived", "lapsed"],
        )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("intake", "0004_precheck_rules_kept")]

    operations = [migrations.RunPython(add_rule, migrations.RunPython.noop)]
