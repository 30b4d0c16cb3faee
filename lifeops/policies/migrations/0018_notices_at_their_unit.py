import django.db.models.deletion
from django.db import migrations, models

OPEN = models.Q(("dropped_on__isnull", True), ("sent_on__isnull", True))
#: Of policies; and a suspension that is over needs no letter.
FILL = """
UPDATE policies_policynotice n SET branch_id = p.branch_id,
       dropped_on = CASE WHEN n.kind IN ('lapse', 'loan') AND n.sent_on IS NULL AND p.status <> 'lapsed' THEN current_date END
  FROM policies_policy p WHERE p.id = n.policy_id;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("org", "0004_first_passwords"), ("policies", "0017_born_and_called")]

    operations = [
        migrations.RemoveIndex(model_name="policynotice", name="policy_notice_open"),
        migrations.AddField(
            "policynotice", "branch",
            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="org.branch", verbose_name="机构",
                              help_text="发出通知的机构"),
        ),
        migrations.AddField(
            "policynotice", "dropped_on",
            models.DateField(blank=True, null=True, verbose_name="不再需要", help_text="未发出而中止已经结束：复效、终止"),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            "policynotice", "branch",
            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="org.branch", verbose_name="机构",
                              help_text="发出通知的机构"),
        ),
        migrations.AddIndex("policynotice", models.Index(condition=OPEN, fields=["due_on", "id"], name="policy_notice_open")),
        migrations.AddIndex("policynotice", models.Index(condition=OPEN, fields=["branch", "due_on", "id"], name="policy_notice_open_at")),
        migrations.AddIndex(
            "policynotice",
            models.Index(condition=models.Q(("sent_on__isnull", False)), fields=["branch", "sent_on", "id"], name="policy_notice_sent_at"),
        ),
    ]
