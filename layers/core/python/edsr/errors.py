"""The errors of the suite; the first four are named in the state machine, what is not named there escalates."""


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


class Rejected(EdsrError):
    """AWS rejected the request itself: nothing was changed, and a person has to look."""


class Off(Rejected):
    """A service is not switched on in this account: there is nothing to be told by it."""


class Unknown(EdsrError):
    """Nobody can say whether the change took effect: it is held as it is, and a person has to look."""


class Stale(EdsrError):
    """What was approved is no longer what would be done, time and again: a person has to look."""


class Malformed(EdsrError):
    """An input that no retry can mend: it is quarantined with this reason."""


class DocumentInvalid(EdsrError):
    """A policy, playbook or service document breaks a rule.

    `file` is the document, `path` the JSON path inside it, `reason` what is wrong and what is allowed.
    """

    def __init__(self, file: str, path: str, reason: str) -> None:
        super().__init__(f"{file}: {path}: {reason}")
        self.file, self.path, self.reason = file, path, reason
