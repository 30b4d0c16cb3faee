"""Payments to another than the entitled: the seal also covers why, and by whose approval. Sealed anew where the seal holds; one
that does not stays as it is and is refused at the release, as before."""

from django.db import migrations

from lifeops.policies.crypto import seal, seal_fits

BATCH = 1000


def rewrite(apps, schema_editor, before, after):
    rows_of, last = apps.get_model("policies", "Payment").objects.using(schema_editor.connection.alias), 0
    rows_of = rows_of.exclude(third_party_reason="").order_by("pk")
    while rows := list(rows_of.filter(pk__gt=last)[:BATCH]):
        changed = [row for row in rows if seal_fits(row.seal, before(row))]
        for row in changed:
            row.seal = seal(after(row))
        rows_of.model.objects.using(schema_editor.connection.alias).bulk_update(changed, ["seal"])
        last = rows[-1].pk


def short(row):
    return [row.number, row.case_number, f"{row.amount:.2f}", row.payee, row.bank, row.account]


def long(row):
    return [*short(row), row.third_party_reason, str(row.approved_by_id or "")]


def forward(apps, schema_editor):
    rewrite(apps, schema_editor, short, long)


def backward(apps, schema_editor):
    rewrite(apps, schema_editor, long, short)


class Migration(migrations.Migration):
    dependencies = [("policies", "0022_encrypted_contacts")]
    operations = [migrations.RunPython(forward, backward, elidable=True)]
