"""挂起: the two acts on the hold of a policy, by the name other apps look for."""

from lifeops.policies.services.locking import hold, release_hold

__all__ = ["hold", "release_hold"]
