"""Events keep beside their content, encrypted, what it was before addresses in it were masked. Until the next migration has
masked them, an event may be changed by whoever says so for his transaction."""

from django.db import migrations

import lifeops.policies.crypto

#: What may happen to an event: it is published, once; its sealed content comes under a newer key.
RULE = """
CREATE OR REPLACE FUNCTION cases_event_publish_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NULL AND NEW.published_at IS NOT NULL
       AND to_jsonb(NEW) - 'published_at' = to_jsonb(OLD) - 'published_at' THEN
        RETURN NEW;
    END IF;
    IF OLD.sealed IS NOT NULL AND NEW.sealed IS NOT NULL AND to_jsonb(NEW) - 'sealed' = to_jsonb(OLD) - 'sealed' THEN
        RETURN NEW;
    END IF;{more}
    RAISE EXCEPTION '% 只可追加，不可修改或删除', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
WHILE_VEILING = """
    IF current_setting('lifeops.veiling', true) = 'on'
       AND to_jsonb(NEW) - 'sealed' - 'data' = to_jsonb(OLD) - 'sealed' - 'data' THEN
        RETURN NEW;
    END IF;"""
BEFORE = """
CREATE OR REPLACE FUNCTION cases_event_publish_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NULL AND NEW.published_at IS NOT NULL
       AND to_jsonb(NEW) - 'published_at' = to_jsonb(OLD) - 'published_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% 只可追加，不可修改或删除', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_second_investigator")]
    operations = [
        migrations.AddField("caseevent", "sealed", lifeops.policies.crypto.EncryptedJSONField(editable=False, null=True)),
        migrations.RunSQL(RULE.replace("{more}", WHILE_VEILING), BEFORE),
    ]
