from django.db import migrations, models

BATCH = 2000


def spell(apps, schema_editor):
    """Beneficiaries of today get how they are called as it is compared, in batches."""
    from lifeops.policies.names import spelt

    rows_of, last = apps.get_model("policies", "Beneficiary").objects.using(schema_editor.connection.alias), 0
    while rows := list(rows_of.filter(pk__gt=last).order_by("pk").only("pk", "name")[:BATCH]):
        for row in rows:
            row.spelt = spelt(row.name)
        rows_of.bulk_update(rows, ["spelt"])
        last = rows[-1].pk


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0027_deaths_and_refund_notice'),
    ]

    operations = [
        migrations.AddField(
            model_name='beneficiary',
            name='spelt',
            field=models.CharField(blank=True, default='', editable=False, max_length=120),
        ),
        migrations.RunPython(spell, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name='beneficiary',
            index=models.Index(condition=models.Q(('effective_to__isnull', True)), fields=['spelt'], name='beneficiary_spelt'),
        ),
    ]
