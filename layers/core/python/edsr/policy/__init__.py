"""The documents operators write: policies, playbooks, services, calendars; and the library that reads them."""

from edsr.policy.calendars import Calendar
from edsr.policy.documents import Playbook, PlaybookStage, PlaybookStep, Policy
from edsr.policy.library import Library
from edsr.policy.services import Service

__all__ = ["Calendar", "Library", "Playbook", "PlaybookStage", "PlaybookStep", "Policy", "Service"]
