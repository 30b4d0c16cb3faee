"""Triggers: entries of the ledger balance, ledger and events only grow. Money that is on file opens the ledgers."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION policies_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% 只可追加，不可修改或删除', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION policies_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE entry bigint; total numeric; many int;
BEGIN
    IF TG_TABLE_NAME = 'policies_ledgerentry' THEN entry := NEW.id; ELSE entry := NEW.entry_id; END IF;
    SELECT coalesce(sum(amount), 0), count(*) INTO total, many FROM policies_ledgerline WHERE entry_id = entry;
    IF total <> 0 OR many < 2 THEN
        RAISE EXCEPTION '凭证 % 借贷不平：差额 %，分录 % 条', entry, total, many
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT ON policies_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION policies_entry_balances();
CREATE CONSTRAINT TRIGGER ledger_line_balances AFTER INSERT ON policies_ledgerline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION policies_entry_balances();
CREATE TRIGGER ledger_entry_no_change BEFORE UPDATE OR DELETE ON policies_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION policies_refuse_change();
CREATE TRIGGER ledger_line_no_change BEFORE UPDATE OR DELETE ON policies_ledgerline
    FOR EACH ROW EXECUTE FUNCTION policies_refuse_change();
CREATE TRIGGER policy_event_no_change BEFORE UPDATE OR DELETE ON policies_policyevent
    FOR EACH ROW EXECUTE FUNCTION policies_refuse_change();
CREATE TRIGGER policy_snapshot_no_change BEFORE UPDATE OR DELETE ON policies_policysnapshot
    FOR EACH ROW EXECUTE FUNCTION policies_refuse_change();
"""

BACKWARD = """
DROP TRIGGER policy_snapshot_no_change ON policies_policysnapshot;
DROP TRIGGER policy_event_no_change ON policies_policyevent;
DROP TRIGGER ledger_line_no_change ON policies_ledgerline;
DROP TRIGGER ledger_entry_no_change ON policies_ledgerentry;
DROP TRIGGER ledger_line_balances ON policies_ledgerline;
DROP TRIGGER ledger_entry_balances ON policies_ledgerentry;
DROP FUNCTION policies_entry_balances();
DROP FUNCTION policies_refuse_change();
"""

# Premiums received, overpayments and open loans of policies that were there before their ledger.
OPEN = """
INSERT INTO policies_ledgerentry (policy_id, "on", text, case_number, payment_number, key, recorded_at)
    SELECT policy_id, paid_on, '期初：已收保费', case_number, '', 'opening:premium:' || id, now()
      FROM policies_premiumentry WHERE paid_on IS NOT NULL AND kind <> 'refund' AND amount > 0;
INSERT INTO policies_ledgerline (entry_id, account, amount)
    SELECT e.id, side.account, side.sign * p.amount
      FROM policies_premiumentry p
      JOIN policies_ledgerentry e ON e.policy_id = p.policy_id AND e.key = 'opening:premium:' || p.id
      CROSS JOIN (VALUES ('received', 1), ('premium', -1)) AS side(account, sign);
INSERT INTO policies_ledgerentry (policy_id, "on", text, case_number, payment_number, key, recorded_at)
    SELECT id, effective_on, '期初：溢交保费', '', '', 'opening:suspense', now() FROM policies_policy WHERE suspense > 0;
INSERT INTO policies_ledgerline (entry_id, account, amount)
    SELECT e.id, side.account, side.sign * p.suspense
      FROM policies_policy p JOIN policies_ledgerentry e ON e.policy_id = p.id AND e.key = 'opening:suspense'
      CROSS JOIN (VALUES ('received', 1), ('suspense', -1)) AS side(account, sign);
INSERT INTO policies_ledgerentry (policy_id, "on", text, case_number, payment_number, key, recorded_at)
    SELECT policy_id, since, '期初：未还借款', '', '', 'opening:loan:' || id, now()
      FROM policies_policyloan WHERE repaid_on IS NULL;
INSERT INTO policies_ledgerline (entry_id, account, amount)
    SELECT e.id, CASE WHEN side.sign = 1 THEN l.kind ELSE 'opening' END, side.sign * l.principal
      FROM policies_policyloan l JOIN policies_ledgerentry e ON e.policy_id = l.policy_id AND e.key = 'opening:loan:' || l.id
      CROSS JOIN (VALUES (1), (-1)) AS side(sign);
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0007_life_and_ledger")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD), migrations.RunSQL(OPEN, migrations.RunSQL.noop)]
