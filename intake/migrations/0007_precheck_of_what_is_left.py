"""What is left of a contract that has ended is collected and refunded: the counter's rule for servicing in general would stop it."""

from datetime import date

from django.db import migrations

RULES = (("PS24", ["lapsed", "terminated"]), ("PS28", ["lapsed"]))


def add_rules(apps, schema_editor):
    rules = apps.get_model("intake", "PrecheckRule").objects.using(schema_editor.connection.alias)
    for item, review in RULES if rules.exists() else ():
        if not rules.filter(code="J03", item=item).exists():
            rules.create(
                code="J03", line="servicing", item=item, level="block", effective_from=date(2026, 1, 1), refused=[], review=review
            )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("intake", "0006_precheck_of_dividends")]

    operations = [migrations.RunPython(add_rules, migrations.RunPython.noop)]
