"""An installation that works already goes on with the rules it had; a fresh one takes them from `load_defaults`.

J03 is new in what it stops: what servicing never does in a state is not taken in for it.
"""

from datetime import date

from django.db import migrations

FROM = date(2026, 1, 1)
STATES = {
    "": (["terminated"], ["lapsed"]),
    "PS01": (["apl", "paid_up", "waived", "lapsed", "terminated"], []),
    "PS03": (["lapsed", "terminated"], []),
    "PS07": (["in_force", "grace", "apl", "paid_up", "waived", "terminated"], []),
    "PS08": (["paid_up", "waived", "lapsed", "terminated"], []),
    "PS09": (["lapsed", "terminated"], []),
    "PS14": ([], []),
}


def keep_rules(apps, schema_editor):
    rules, here = apps.get_model("intake", "PrecheckRule"), schema_editor.connection.alias
    if not apps.get_model("cases", "ClockRule").objects.using(here).exists():
        return
    rows = [rules(code="J01", level="block", effective_from=FROM), rules(code="J08", level="warn", limit=5, effective_from=FROM)]
    rows += [rules(code=code, level="warn", effective_from=FROM) for code in ("J02", "J04", "J05", "J06", "J07")]
    rows.append(rules(code="J03", line="claims", level="block", review=["lapsed", "terminated"], effective_from=FROM))
    rows += [
        rules(code="J03", line="servicing", item=item, level="block", refused=refused, review=review, effective_from=FROM)
        for item, (refused, review) in STATES.items()
    ]
    rules.objects.using(here).bulk_create(rows)


class Migration(migrations.Migration):
    dependencies = [("intake", "0003_precheck_rules"), ("cases", "0001_initial")]

    operations = [migrations.RunPython(keep_rules, migrations.RunPython.noop)]
