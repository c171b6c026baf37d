"""A real instance, on one machine or many; every secret comes from the environment."""

from reviewhub.settings.base import *
from reviewhub.settings.env import env

if not REVIEWHUB_HTTPS:
    # Plain http is for an address that never leaves this machine: nothing to secure or redirect.
    SILENCED_SYSTEM_CHECKS += ["security.W004", "security.W008", "security.W012", "security.W016"]

env.check()
