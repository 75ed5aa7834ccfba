"""The documents operators write: policies, playbooks, services; and the library that reads them."""

from edsr.policy.documents import Playbook, PlaybookStage, PlaybookStep, Policy, Service
from edsr.policy.library import Library

__all__ = ["Library", "Playbook", "PlaybookStage", "PlaybookStep", "Policy", "Service"]
