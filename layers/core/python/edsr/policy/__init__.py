"""The documents operators write: policies, playbooks, services; and the library that reads them."""

from edsr.policy.documents import Playbook, PlaybookStage, PlaybookStep, Policy
from edsr.policy.library import Library
from edsr.policy.services import Service

__all__ = ["Library", "Playbook", "PlaybookStage", "PlaybookStep", "Policy", "Service"]
