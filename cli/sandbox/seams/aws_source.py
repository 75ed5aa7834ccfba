"""PutEvents refuses sources that begin with aws., here as on AWS; the sandbox must be fed recorded AWS events."""

from typing import Any

from ministack.services import eventbridge


def install() -> None:
    put = eventbridge._put_events

    def put_events(data: dict[str, Any], **_: bool) -> Any:
        return put(data, allow_aws_source=True)

    eventbridge._put_events = put_events
