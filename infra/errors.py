"""What stops a synth, in words for the person who started it."""

from edsr.errors import EdsrError


class SynthRefused(EdsrError):
    """The app cannot be made as it is written; the message says what to change."""


class DeclarationInvalid(SynthRefused):
    """A module of functions/ does not say, or wrongly says, what it needs."""


class ConfigurationInvalid(SynthRefused):
    """An environment's configuration is unknown or breaks a rule."""


class LimitExceeded(SynthRefused):
    """AWS would refuse the deployment, or silently not do what a policy says."""


class LayerNotBuilt(SynthRefused):
    """A layer's packages were not installed yet."""


class DocumentsInvalid(SynthRefused):
    """Policies, playbooks or services do not lint: a line for each problem."""
