"""A form's token: one plan, one person, one answer, until it is over, signed by a key that never leaves KMS."""

import base64
import binascii
import re
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from edsr.aws.faults import named
from edsr.errors import Refused
from edsr.people import Person
from edsr.ports import Client
from edsr.protocol.approval import Asking

ALGORITHM = "HMAC_SHA_256"
TOKEN = re.compile(r"([A-Za-z0-9_-]{1,2000})\.([0-9a-f]{64})", re.ASCII)
"""What is signed, as base64, and its code: over the text as it is sent, so that no other text is the same token."""

NOT_OURS = "this form was not made here, or was changed on its way: open the page again"


class Form(BaseModel):
    """What a form is good for: an answer about this asking and this plan, by this person. `nonce` is spent with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    inc: str
    number: int
    digest: str
    by: str
    nonce: str

    @classmethod
    def of(cls, incident: str, asking: Asking, who: Person, nonce: str) -> Self:
        """The form that a person is shown."""
        return cls(inc=incident, number=asking.number, digest=asking.digest, by=who.name, nonce=nonce)


class Key(NamedTuple):
    """The key, and who uses it for us."""

    kms: Client
    arn: str

    def sign(self, form: Form) -> str:
        """The form's token. Raises Transient, Denied."""
        text = base64.urlsafe_b64encode(form.model_dump_json().encode()).rstrip(b"=")
        with named("signing a form"):
            answer = self.kms.generate_mac(KeyId=self.arn, MacAlgorithm=ALGORITHM, Message=text)
        return f"{text.decode()}.{answer['Mac'].hex()}"

    def read(self, token: str) -> Form:
        """The form of a token that this key has signed. Raises Refused, Transient, Denied."""
        found = TOKEN.fullmatch(token)
        if found is None:
            raise Refused(NOT_OURS)
        text, code = found[1].encode(), bytes.fromhex(found[2])
        with named("verifying a form"):
            try:
                self.kms.verify_mac(KeyId=self.arn, MacAlgorithm=ALGORITHM, Message=text, Mac=code)
            except self.kms.exceptions.KMSInvalidMacException as exc:
                raise Refused(NOT_OURS) from exc
        try:
            return Form.model_validate_json(base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4)))
        except (binascii.Error, ValidationError) as exc:
            raise Refused(NOT_OURS) from exc
