"""Figures for Prometheus: requests as they happen, and whatever the apps can count when asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

logger = structlog.get_logger(__name__)
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_registry = CollectorRegistry()
_requests = Counter(
    "reviewhub_requests", "Answers given.", ["method", "route", "status"], registry=_registry
)
_seconds = Histogram(
    "reviewhub_request_seconds",
    "Time from a request to its answer.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_registry,
)


@dataclass(frozen=True)
class Gauge:
    """One figure of now: `Gauge("queue_entries", "Entries by state.", 7, {"state": "queued"})`."""

    name: str
    help: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


Reader = Callable[[], Iterable[Gauge]]
_readers: list[Reader] = []


def register(read: Reader) -> Reader:
    """Ask `read` for its gauges at every scrape; use it as a decorator in an app's receivers.

    It is one cheap query or a few; gauges of one name carry the same labels.
    """
    if read not in _readers:
        _readers.append(read)
    return read


def observe_request(*, method: str, route: str, status: int, seconds: float) -> None:
    """Count one answer; `route` is the pattern, never the path, so that series stay few.

    A figure that cannot be kept is lost, and logged: the answer it counts goes out all the same.
    """
    word = method if method in _METHODS else "other"
    try:
        _requests.labels(word, route, str(status)).inc()
        _seconds.labels(route).observe(seconds)
    except Exception as failure:  # the file behind them may be full, cut or gone
        logger.warning("metrics_lost", route=route, exc_info=failure)


def exposition() -> bytes:
    """Everything, in Prometheus' text format.

    Of several web processes, PROMETHEUS_MULTIPROC_DIR adds the requests up.
    """
    scraped = CollectorRegistry()
    scraped.register(_Gauges())
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.MultiProcessCollector(scraped)  # type: ignore[no-untyped-call]
        return generate_latest(scraped)
    return generate_latest(_registry) + generate_latest(scraped)


class _Gauges(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for gauge in (gauge for read in _readers for gauge in read()):
            family = families.setdefault(
                gauge.name,
                GaugeMetricFamily(f"reviewhub_{gauge.name}", gauge.help, labels=list(gauge.labels)),
            )
            family.add_metric(list(gauge.labels.values()), gauge.value)
        yield from families.values()
