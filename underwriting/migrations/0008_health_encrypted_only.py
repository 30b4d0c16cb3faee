"""The encrypted column takes the place of the old one."""

from django.db import migrations

import lifeops.policies.crypto


class Migration(migrations.Migration):
    dependencies = [("underwriting", "0007_health_copied")]
    operations = [
        migrations.RemoveField("proposal", "health"),
        migrations.RenameField("proposal", "told", "health"),
        migrations.AlterField("proposal", "health", lifeops.policies.crypto.EncryptedJSONField("健康告知", default=list)),
    ]
