"""Participating products that are there offer what they did: cash dividends left to accumulate."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


def state_options(apps, schema_editor):
    versions = apps.get_model("policies", "ProductVersion").objects
    for version in versions.filter(product__is_participating=True, definition__has_key="participating"):
        told = version.definition["participating"]
        told = told if isinstance(told, dict) else {"kind": str(told)}
        if "options" not in told:
            version.definition["participating"] = told | {"options": ["accumulate"]}
            version.save(update_fields=["definition"])


class Migration(migrations.Migration):
    dependencies = [("policies", "0020_bonus_sums")]

    operations = [
        ValidateConstraint("coverage", name="coverage_bonus_not_negative"),
        migrations.RunPython(state_options, migrations.RunPython.noop),
    ]
