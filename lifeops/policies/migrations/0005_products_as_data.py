from django.db import migrations, models
from django.db.models import F


def one_age(apps, schema_editor):
    """Cells so far held for one age each."""
    apps.get_model("policies", "Rate").objects.using(schema_editor.connection.alias).update(age_to=F("age"))


class Migration(migrations.Migration):

    dependencies = [("policies", "0004_key_rotation")]

    operations = [
        migrations.AddField("rate", "age_to", models.PositiveSmallIntegerField(verbose_name="投保年龄止", default=0), preserve_default=False),
        migrations.RunPython(one_age, migrations.RunPython.noop),
    ]
