"""Addresses and mailboxes are encrypted where they lie, in batches; broken off, it is begun again."""

from django.db import migrations

import lifeops.policies.crypto
from lifeops.policies.encrypting import decrypt_columns, encrypt_columns


def forward(apps, schema_editor):
    encrypt_columns(schema_editor, "underwriting_proposal", ("holder_address", "insured_address"), key="case_id")


def backward(apps, schema_editor):
    decrypt_columns(schema_editor, "underwriting_proposal", ("holder_address", "insured_address"), key="case_id")


class Migration(migrations.Migration):
    # each batch commits: no lock outlasts it
    atomic = False

    dependencies = [
        ('underwriting', '0003_occupations'),
    ]

    operations = [
        migrations.AlterField(
            model_name='proposal',
            name='holder_address',
            field=lifeops.policies.crypto.EncryptedTextField(verbose_name='投保人地址'),
        ),
        migrations.AlterField(
            model_name='proposal',
            name='insured_address',
            field=lifeops.policies.crypto.EncryptedTextField(blank=True, default='', verbose_name='被保险人地址'),
        ),
        migrations.RunPython(forward, backward, elidable=True),
    ]
