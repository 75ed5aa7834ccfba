"""Anomalies in a series of numbers: online, without a look ahead, explained; its memory is below 4 KB a series."""

from edsr.anomaly.reading import Anomaly
from edsr.anomaly.series import FEWER_FALSE, FEWER_MISSED, STANDARD, Series
from edsr.anomaly.state import StateUnreadable

__all__ = ["FEWER_FALSE", "FEWER_MISSED", "STANDARD", "Anomaly", "Series", "StateUnreadable"]
