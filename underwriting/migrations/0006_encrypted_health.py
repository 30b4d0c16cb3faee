"""What was said about health stands encrypted: first the column beside the old one."""

from django.db import migrations, models

import lifeops.policies.crypto


class Migration(migrations.Migration):
    dependencies = [("underwriting", "0005_organisations")]
    operations = [
        migrations.AddField("proposal", "told", lifeops.policies.crypto.EncryptedJSONField(null=True)),
        migrations.AlterField("proposal", "health", models.JSONField("健康告知", null=True)),
    ]
