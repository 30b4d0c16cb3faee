"""What stands as 应付 of no case is told apart by its kind, no longer by the words of its entry. What one case had taken of several
kinds is told by entries that move it between them; what a settled death left to the policyholder leaves its claim."""

from collections import defaultdict
from decimal import Decimal

from django.db import migrations, models

OPEN = "ALTER TABLE policies_ledgerentry DISABLE TRIGGER ledger_entry_no_change"
SHUT = "ALTER TABLE policies_ledgerentry ENABLE TRIGGER ledger_entry_no_change"
TELL = """
UPDATE policies_ledgerentry e SET kind = told.kind FROM (
    SELECT x.id, CASE
        WHEN x.key LIKE 'survival:%' THEN 'survival'
        WHEN x.key LIKE 'dividend:%' OR x.key LIKE 'dividend\\_taken:%' THEN 'dividend'
        WHEN x.text = '满期应付' THEN 'maturity'
        WHEN x.text = '保险期间届满应付' THEN 'value'
        WHEN x.text = '溢交保费、红利转应付' THEN 'left'
        WHEN x.key LIKE 'benefit\\_taken:%' AND x.text = '生存金转由案件支付' THEN 'survival'
    END AS kind
    FROM policies_ledgerentry x JOIN policies_ledgerline l ON l.entry_id = x.id AND l.account = 'payable' WHERE x.case_number = ''
) told WHERE e.id = told.id AND told.kind IS NOT NULL
"""
FORGET = "UPDATE policies_ledgerentry SET kind = '' WHERE kind <> ''"
OF_INSURED, OF_HOLDER = ("survival", "maturity"), ("value", "dividend", "left")
PAYABLE, OPENING, BENEFIT = "payable", "opening", "benefit"


def write(apps, using, entry, kind, case_number, amount):
    """应付 of an amount taken (above zero) or put, against 期初."""
    made = apps.get_model("policies", "LedgerEntry").objects.using(using).create(
        policy_id=entry.policy_id, on=entry.on, text="应付款项重分类", case_number=case_number, kind=kind
    )
    lines = apps.get_model("policies", "LedgerLine").objects.using(using)
    lines.bulk_create([lines.model(entry=made, account=a, amount=v) for a, v in ((PAYABLE, amount), (OPENING, -amount))])


def taken_at_the_end(apps, schema_editor):
    """满期款项 taken by one case: from the oldest of what was its applicant's on; what is over the first kind goes to the others."""
    using = schema_editor.connection.alias
    entries = apps.get_model("policies", "LedgerEntry").objects.using(using)
    lines = apps.get_model("policies", "LedgerLine").objects.using(using)
    for entry in entries.filter(kind="", key__startswith="benefit_taken:").select_related("policy").order_by("pk"):
        policy = entry.policy
        wanted = (*OF_INSURED, *OF_HOLDER) if policy.policyholder_id == policy.insured_id else OF_HOLDER if policy.ending == "expiry" else OF_INSURED
        held = defaultdict(Decimal)
        before = lines.filter(entry__policy=policy, entry__case_number="", entry__pk__lt=entry.pk, entry__kind__in=wanted, account=PAYABLE)
        for kind, amount in before.order_by("entry_id").values_list("entry__kind", "amount"):
            held[kind] -= amount
        left, parts = lines.get(entry=entry, account=PAYABLE).amount, {}
        for kind, amount in held.items():
            if part := min(left, max(Decimal(0), amount)):
                parts[kind], left = part, left - part
        first = next(iter(parts), wanted[0])
        entries.filter(pk=entry.pk).update(kind=first)
        for kind, part in parts.items():
            if kind != first:
                write(apps, using, entry, first, "", -part)
                write(apps, using, entry, kind, "", part)


def left_at_a_death(apps, schema_editor):
    using = schema_editor.connection.alias
    lines = apps.get_model("policies", "LedgerLine").objects.using(using)
    over = lines.filter(entry__text="身故给付结清欠款", account=PAYABLE, amount__lt=0).exclude(entry__case_number="").select_related("entry")
    for line in over:
        write(apps, using, line.entry, "", line.entry.case_number, -line.amount)
        write(apps, using, line.entry, "left", "", line.amount)


class Migration(migrations.Migration):
    dependencies = [("policies", "0024_dividend_notice")]
    operations = [
        migrations.AddField(
            model_name="ledgerentry", name="kind",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=10, verbose_name="应付种类", help_text="尚未归案件的应付是什么款项",
                choices=[("survival", "生存金"), ("maturity", "满期金"), ("value", "届满现金价值"), ("dividend", "到期红利"), ("left", "合同终止余款")],
            ),
        ),
        migrations.RunSQL(OPEN, SHUT),
        migrations.RunSQL(TELL, FORGET, elidable=True),
        migrations.RunPython(taken_at_the_end, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(left_at_a_death, migrations.RunPython.noop, elidable=True),
        # a table with entries still to be checked is not altered
        migrations.RunSQL(f"SET CONSTRAINTS ALL IMMEDIATE; {SHUT}; SET CONSTRAINTS ALL DEFERRED", OPEN),
    ]
