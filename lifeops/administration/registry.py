"""The site with everything that is on it."""

from lifeops.administration import records, rules, staff
from lifeops.administration.site import site

__all__ = ["records", "rules", "site", "staff"]
