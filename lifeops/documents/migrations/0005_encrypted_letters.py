"""What letters say stands encrypted: first the column beside the old one."""

from django.db import migrations, models

import lifeops.policies.crypto


def beside(name):
    return [
        migrations.AddField(name, "content", lifeops.policies.crypto.EncryptedJSONField(null=True)),
        migrations.AlterField(name, "data", models.JSONField("内容", null=True)),
    ]


class Migration(migrations.Migration):
    dependencies = [("documents", "0004_letters_of_policies")]
    operations = [*beside("letter"), *beside("statement")]
