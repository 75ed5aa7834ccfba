"""A stand-in for a collector: it takes what Firehose delivers, and reads OpenTelemetry 1.0 as metric streams write it.

Formats: Amazon Data Firehose, "HTTP endpoint delivery request and response specifications"; CloudWatch, "metric stream
output in OpenTelemetry 1.0.0 format"; opentelemetry-proto 1.0.0, whose field numbers stand below.
"""

import base64
import gzip
import json
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

KEY = "a-key"


class Point(NamedTuple):
    """A summary of one period: its attributes, how many values, their sum, and quantiles."""

    metric: str
    attributes: dict[str, Any]
    values: int
    total: float
    quantiles: dict[float, float]


def varint(number: int) -> bytes:
    """As protocol buffers write a whole number."""
    out = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value, shift, at = value | (byte & 0x7F) << shift, shift + 7, at + 1
        if not byte & 0x80:
            return value, at


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Each field of a message: its number, and a number, eight bytes, or a piece."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        if tag & 7 == 0:
            value, at = _varint(data, at)
            yield tag >> 3, value
        elif tag & 7 == 1:
            yield tag >> 3, data[at : at + 8]
            at += 8
        else:
            assert tag & 7 == 2
            length, at = _varint(data, at)
            yield tag >> 3, data[at : at + length]
            at += length


def _all(data: bytes, number: int) -> list[Any]:
    return [value for name, value in _fields(data) if name == number]


def _double(data: bytes) -> float:
    return float(struct.unpack("<d", data)[0])


def _attribute(pair: bytes) -> tuple[str, Any]:
    """KeyValue: key 1, value 2; AnyValue: string 1, list of key and value 6."""
    ((key,), (value,)) = _all(pair, 1), _all(pair, 2)
    if texts := _all(value, 1):
        return key.decode(), texts[0].decode()
    (pairs,) = _all(value, 6)
    return key.decode(), dict(_attribute(one) for one in _all(pairs, 1))


def _points(metric: bytes) -> Iterator[Point]:
    """Metric: name 1, summary 11; SummaryDataPoint: count 4, sum 5, quantiles 6, attributes 7."""
    ((name,), (summary,)) = _all(metric, 1), _all(metric, 11)
    for point in _all(summary, 1):
        quantiles = {
            _double((_all(one, 1) or [bytes(8)])[0]): _double((_all(one, 2) or [bytes(8)])[0]) for one in _all(point, 6)
        }
        attributes = dict(_attribute(one) for one in _all(point, 7))
        ((count,), (total,)) = _all(point, 4), _all(point, 5)
        yield Point(name.decode(), attributes, struct.unpack("<Q", count)[0], _double(total), quantiles)


def read(record: bytes) -> Iterator[Point]:
    """Every point of a record: requests one after the other, each behind its length."""
    at = 0
    while at < len(record):
        length, at = _varint(record, at)
        for resource in _all(record[at : at + length], 1):
            for scope in _all(resource, 2):
                for metric in _all(scope, 2):
                    yield from _points(metric)
        at += length


class Collector(ThreadingHTTPServer):
    """It answers as Firehose wants it, and remembers what it was told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.points: list[Point] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1/metrics"


class _Requests(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        """One delivery."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        said = json.loads(body)
        known = self.headers["X-Amz-Firehose-Access-Key"] == KEY
        if known:
            for record in said["records"]:
                self.server.points += read(base64.b64decode(record["data"]))
        answer = json.dumps({"requestId": said["requestId"], "timestamp": said["timestamp"]}).encode()
        self.send_response(200 if known else 401)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Nothing is said."""


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that listens."""
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
