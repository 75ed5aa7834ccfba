"""What every document is made of: ids, texts, patterns, templates, and the model under them all."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from edsr import extract, pattern

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=48)]
Text = Annotated[str, Field(min_length=1, max_length=256)]


def number_text(value: Decimal) -> str:
    """`7.5`: without exponent, and without zeros that say nothing."""
    text = format(value + 0, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


Number = Annotated[
    Decimal,
    Field(max_digits=12, decimal_places=6),
    PlainSerializer(number_text, when_used="json"),
    WithJsonSchema({"type": ["number", "string"], "pattern": r"^-?\d+(\.\d+)?$"}),
]
"""A number that need not be whole, or its text: kept as text, since no float is."""

PATTERN_CHARACTERS = 2000
"""EventBridge takes 2,048; the rule adds a few of its own."""


def _compiles(said: dict[str, Any]) -> dict[str, Any]:
    try:
        pattern.compile(said)
    except pattern.PatternInvalid as exc:
        raise ValueError(f"not an event pattern: {exc}") from exc
    if (size := len(json.dumps(said, separators=(",", ":")))) > PATTERN_CHARACTERS:
        raise ValueError(f"{size} characters; EventBridge takes {PATTERN_CHARACTERS}")
    return said


def _extracts(said: dict[str, Any]) -> dict[str, Any]:
    extract.check(said)
    return said


def _is_jmespath(said: str) -> str:
    extract.check({extract.MARK: said})
    return said


_NAMED = re.compile(
    r"arn:aws[a-z-]*:(iam::{account}:user/[\w+=,.@/-]{rest}|sts::{account}:assumed-role/[\w+=,.@-]{rest}/[\w+=,.@*?-]+)".format(
        account=r"(\d{12}|\$\{account\})", rest=r"[\w+=,.@/*?-]*"
    )
    + r"|oidc:([\w+=,.@|:/-]+|\*@[a-z0-9-]+(\.[a-z0-9-]+)+)"
)


def _names_somebody(said: str) -> str:
    if not _NAMED.fullmatch(said):
        raise ValueError(
            "names nobody: write arn:aws:sts::${account}:assumed-role/ROLE/SESSION or "
            "arn:aws:iam::${account}:user/NAME, with * for what comes after the beginning of the name; "
            "or, for the page, oidc:NAME or oidc:*@DOMAIN"
        )
    return said


Callers = Annotated[str, AfterValidator(_names_somebody)]
"""A pattern of the ARNs by which AWS calls whoever asks: `*` is any text, `?` any character. `oidc:` is before the name
of whoever signs in to the page."""

Pattern = Annotated[dict[str, Any], Field(min_length=1), AfterValidator(_compiles)]
Expression = Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_is_jmespath)]
"""A JMESPath; the key that holds it ends in `.$`."""

Template = Annotated[dict[str, Any], AfterValidator(_extracts)]


def _dashed(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


class Document(BaseModel):
    """Unknown keys are errors; keys are written with dashes."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=_dashed, populate_by_name=True)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with changes; what was worked out of the old values, such as a digest, does not live on in it."""
        copied = super().model_copy(update=update, deep=deep)
        for name in set(copied.__dict__) - set(type(self).model_fields):
            del copied.__dict__[name]
        return copied
