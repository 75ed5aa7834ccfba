"""The errors of the suite; the class names of the first four are the state machine's `ErrorEquals`."""


class EdsrError(Exception):
    """Anything this suite raises on purpose."""


class Transient(EdsrError):
    """It may succeed when tried again: the state machine retries, with jitter."""


class Refused(EdsrError):
    """A guard said no: expected, audited, final."""


class Gone(EdsrError):
    """The target vanished: there is nothing left to repair, which counts as done."""


class Denied(EdsrError):
    """AWS refused permission: never retried, a person has to look."""


class Malformed(EdsrError):
    """An input that no retry can mend: it is quarantined with this reason."""


class DocumentInvalid(EdsrError):
    """A policy, playbook or service document breaks a rule.

    `file` is the document, `path` the JSON path inside it, `reason` what is wrong and what is allowed.
    """

    def __init__(self, file: str, path: str, reason: str) -> None:
        super().__init__(f"{file}: {path}: {reason}")
        self.file, self.path, self.reason = file, path, reason
