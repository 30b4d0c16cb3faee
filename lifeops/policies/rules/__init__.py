"""Pure rules of the policy book: dataclasses in, amounts with their lines out. No database, no clock."""
