"""Addresses and mailboxes are encrypted where they lie, in batches; broken off, it is begun again."""

from django.db import migrations

import lifeops.policies.crypto
from lifeops.policies.encrypting import decrypt_columns, encrypt_columns


def forward(apps, schema_editor):
    encrypt_columns(schema_editor, "policies_party", ("email", "address"))
    encrypt_columns(schema_editor, "policies_partycontact", ("email", "address"))


def backward(apps, schema_editor):
    decrypt_columns(schema_editor, "policies_party", ("email", "address"))
    decrypt_columns(schema_editor, "policies_partycontact", ("email", "address"))


class Migration(migrations.Migration):
    # each batch commits: no lock outlasts it
    atomic = False

    dependencies = [
        ('policies', '0021_dividend_options'),
    ]

    operations = [
        migrations.AlterField(
            model_name='party',
            name='address',
            field=lifeops.policies.crypto.EncryptedTextField(blank=True, default='', verbose_name='联系地址'),
        ),
        migrations.AlterField(
            model_name='party',
            name='email',
            field=lifeops.policies.crypto.EncryptedTextField(blank=True, default='', verbose_name='电子邮箱'),
        ),
        migrations.AlterField(
            model_name='partycontact',
            name='address',
            field=lifeops.policies.crypto.EncryptedTextField(blank=True, default='', verbose_name='联系地址'),
        ),
        migrations.AlterField(
            model_name='partycontact',
            name='email',
            field=lifeops.policies.crypto.EncryptedTextField(blank=True, default='', verbose_name='电子邮箱'),
        ),
        migrations.RunPython(forward, backward, elidable=True),
    ]
