"""The answers on health are copied into the encrypted column in batches; broken off, it is begun again."""

from django.db import migrations

from lifeops.policies.encrypting import decrypt_json, encrypt_json


def forward(apps, schema_editor):
    encrypt_json(schema_editor, "underwriting_proposal", "health", "told", key="case_id")


def backward(apps, schema_editor):
    decrypt_json(schema_editor, "underwriting_proposal", "told", "health", key="case_id")


class Migration(migrations.Migration):
    # each batch commits: no lock outlasts it
    atomic = False
    dependencies = [("underwriting", "0006_encrypted_health")]
    operations = [migrations.RunPython(forward, backward, elidable=True)]
