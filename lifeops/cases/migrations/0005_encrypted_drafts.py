"""What people type is encrypted at rest: drafts written before are encrypted where they lie."""

import json

from django.db import migrations

import lifeops.policies.crypto
from lifeops.policies.crypto import decrypt, encrypt


def rewrite(schema_editor, change):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id, data FROM cases_draft")
        for pk, text in cursor.fetchall():
            cursor.execute("UPDATE cases_draft SET data = %s WHERE id = %s", [change(text), pk])


def forward(apps, schema_editor):
    rewrite(schema_editor, lambda text: encrypt(json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))))


def backward(apps, schema_editor):
    rewrite(schema_editor, decrypt)


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_board_indexes")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE cases_draft ALTER COLUMN data TYPE text USING data::text",
            "ALTER TABLE cases_draft ALTER COLUMN data TYPE jsonb USING data::jsonb",
            state_operations=[
                migrations.AlterField("draft", "data", lifeops.policies.crypto.EncryptedJSONField(default=dict))
            ],
        ),
        migrations.RunPython(forward, backward),
    ]
