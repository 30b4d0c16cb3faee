"""Money keyed for a loan is known again by its whole reference: the key of the ledger was cut at sixty characters, so that two long
references that begin alike were one."""

import hashlib

from django.db import migrations
from django.db.models.functions import Length

#: What a key of sixty characters has room for after "repay:".
ROOM = 54
OPEN = "ALTER TABLE policies_ledgerentry DISABLE TRIGGER ledger_entry_no_change"
SHUT = "ALTER TABLE policies_ledgerentry ENABLE TRIGGER ledger_entry_no_change"


def rewrite(apps, schema_editor, key):
    using = schema_editor.connection.alias
    asked, entries = apps.get_model("servicing", "ChangeRequest").objects.using(using), apps.get_model("policies", "LedgerEntry").objects.using(using)
    rows = asked.annotate(length=Length("reference")).filter(length__gt=ROOM).select_related("case")
    for row in rows:
        old, new = key(row.reference)
        entries.filter(policy=row.case.policy_id, case_number=row.case.number, key=old).update(key=new)


def keys(reference):
    return f"repay:{reference}"[:60], f"repay#{hashlib.sha256(reference.encode()).hexdigest()[:48]}"


def forward(apps, schema_editor):
    rewrite(apps, schema_editor, keys)


def backward(apps, schema_editor):
    rewrite(apps, schema_editor, lambda reference: keys(reference)[::-1])


class Migration(migrations.Migration):
    dependencies = [("servicing", "0008_money_known_again"), ("policies", "0024_dividend_notice")]
    operations = [
        migrations.RunSQL(OPEN, SHUT),
        migrations.RunPython(forward, backward, elidable=True),
        migrations.RunSQL(SHUT, OPEN),
    ]
