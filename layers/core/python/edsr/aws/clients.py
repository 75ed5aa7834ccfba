"""AWS clients, made once a process when they are first asked for."""

from functools import cache

from edsr.ports import Client


@cache
def client(service: str, *, mutating: bool = False) -> Client:
    """A client for a service.

    A mutating one tries once, with short timeouts: a second try belongs to the state machine, which first finds out
    whether the first one took effect.
    """
    import boto3
    from botocore.config import Config

    retries = {"total_max_attempts": 1} if mutating else {"mode": "standard", "total_max_attempts": 3}
    return boto3.client(service, config=Config(connect_timeout=2, read_timeout=5, retries=retries))
