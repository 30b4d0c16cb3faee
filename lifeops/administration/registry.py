"""The site with everything that is on it."""

from lifeops.administration import desk_rules, records, rules, staff
from lifeops.administration.site import site

__all__ = ["desk_rules", "records", "rules", "site", "staff"]
