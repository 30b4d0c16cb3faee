"""变更对照 of cases that have ended: addresses and mailboxes are masked as they are kept since."""

import json

from django.db import migrations, transaction

from lifeops.cases.models.event import veiled

BATCH = 1000


def forward(apps, schema_editor):
    rows_of, last = apps.get_model("servicing", "ChangeRequest").objects.using(schema_editor.connection.alias), 0
    rows_of = rows_of.exclude(comparison=[]).only("pk", "comparison").order_by("pk")
    while rows := list(rows_of.filter(pk__gt=last)[:BATCH]):
        with transaction.atomic(using=schema_editor.connection.alias):
            changed = []
            for row in rows:
                before = json.dumps(row.comparison)
                row.comparison = veiled({"changes": row.comparison})["changes"]
                changed += [row] if json.dumps(row.comparison) != before else []
            rows_of.model.objects.using(schema_editor.connection.alias).bulk_update(changed, ["comparison"])
        last = rows[-1].pk


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("servicing", "0003_encrypted_contacts"), ("cases", "0008_veiled_events")]
    operations = [migrations.RunPython(forward, migrations.RunPython.noop, elidable=True)]
