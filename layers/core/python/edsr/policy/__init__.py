"""The documents operators write: policies, playbooks, objectives, services, calendars; and their library."""

from edsr.policy.calendars import Calendar
from edsr.policy.documents import Playbook, PlaybookStage, PlaybookStep, Policy
from edsr.policy.library import Library
from edsr.policy.objectives import Objective
from edsr.policy.services import Service

__all__ = ["Calendar", "Library", "Objective", "Playbook", "PlaybookStage", "PlaybookStep", "Policy", "Service"]
