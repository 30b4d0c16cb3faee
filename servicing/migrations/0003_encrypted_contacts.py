"""Addresses and mailboxes are encrypted where they lie, in batches; broken off, it is begun again."""

from django.db import migrations

import lifeops.policies.crypto
from lifeops.policies.encrypting import decrypt_columns, encrypt_columns


def forward(apps, schema_editor):
    encrypt_columns(schema_editor, "servicing_changerequest", ("email", "address"), key="case_id")


def backward(apps, schema_editor):
    decrypt_columns(schema_editor, "servicing_changerequest", ("email", "address"), key="case_id")


class Migration(migrations.Migration):
    # each batch commits: no lock outlasts it
    atomic = False

    dependencies = [
        ('servicing', '0002_parties'),
    ]

    operations = [
        migrations.AlterField(
            model_name='changerequest',
            name='address',
            field=lifeops.policies.crypto.EncryptedTextField(blank=True, default='', verbose_name='联系地址'),
        ),
        migrations.AlterField(
            model_name='changerequest',
            name='email',
            field=lifeops.policies.crypto.EncryptedTextField(blank=True, default='', verbose_name='电子邮箱'),
        ),
        migrations.RunPython(forward, backward, elidable=True),
    ]
