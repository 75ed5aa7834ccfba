"""The worlds of the hands that cut something off: keys, principals, instances, zones."""

from collections.abc import Callable

from tests.aws.world import World

ISOLATION: tuple[Callable[[], World], ...] = ()
