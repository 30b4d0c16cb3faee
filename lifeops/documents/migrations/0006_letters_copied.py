"""Letters are copied into the encrypted column in batches; broken off, it is begun again."""

from django.db import migrations

from lifeops.policies.encrypting import decrypt_json, encrypt_json

TABLES = ("documents_letter", "documents_statement")


def forward(apps, schema_editor):
    for table in TABLES:
        encrypt_json(schema_editor, table, "data", "content")


def backward(apps, schema_editor):
    for table in TABLES:
        decrypt_json(schema_editor, table, "content", "data")


class Migration(migrations.Migration):
    # each batch commits: no lock outlasts it
    atomic = False
    dependencies = [("documents", "0005_encrypted_letters")]
    operations = [migrations.RunPython(forward, backward, elidable=True)]
