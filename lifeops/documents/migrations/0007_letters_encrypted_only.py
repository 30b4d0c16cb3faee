"""The encrypted column takes the place of the old one."""

from django.db import migrations

import lifeops.policies.crypto


def instead(name):
    return [
        migrations.RemoveField(name, "data"),
        migrations.RenameField(name, "content", "data"),
        migrations.AlterField(name, "data", lifeops.policies.crypto.EncryptedJSONField("内容", default=dict)),
    ]


class Migration(migrations.Migration):
    dependencies = [("documents", "0006_letters_copied")]
    operations = [*instead("letter"), *instead("statement")]
