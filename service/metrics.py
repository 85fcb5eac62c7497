"""What Prometheus reads at /metrics. Labels are routes, never paths: names of cell lines are no label values."""

from collections.abc import Callable
from functools import cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from service.limits.admission import Admission
from service.logs import ThreadedHandler
from service.schemas.problem_codes import Code

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The instruments of one app, in a registry of its own."""

    def __init__(self, admission: Admission, ready_workers: Callable[[], int]) -> None:
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self._registry = registry
        labels = ("method", "route", "status")
        # Instruments of a label are looked up once: `labels` costs more than to count.
        self._requests = cache(Counter("drp_requests_total", "Answered requests.", labels, registry=registry).labels)
        seconds = Histogram(
            "drp_request_seconds", "Time to the last byte.", ("route",), buckets=SECONDS, registry=registry
        )
        self._seconds = cache(seconds.labels)
        self._problems = Counter(
            "drp_problems_total", "Requests answered with a problem, by its code.", ("code",), registry=registry
        )
        self.pairs = cache(Counter("drp_pairs_total", "Pairs scored.", ("route",), registry=registry).labels)
        pairs = Gauge("drp_pairs_in_flight", "Pairs being answered now, but for those of workers.", registry=registry)
        pairs.set_function(lambda: admission.pairs_in_flight)
        requests = Gauge("drp_requests_in_flight", "Requests that workers have or wait for.", registry=registry)
        requests.set_function(lambda: admission.requests_in_flight)
        ready = Gauge("drp_batch_workers", "Processes that answer batches, ready ones.", registry=registry)
        ready.set_function(ready_workers)
        dropped = Gauge("drp_log_lines_dropped", "Log lines that nobody read in time.", registry=registry)
        dropped.set_function(lambda: ThreadedHandler.dropped)
        self._bundle = Gauge("drp_bundle_info", "1 for the bundle in use.", ("bundle",), registry=registry)
        self._model = Gauge(
            "drp_model_info", "1 for a model in use and where it runs.", ("model", "provider"), registry=registry
        )
        self.swaps = Counter("drp_bundle_swaps_total", "Swaps, done or refused.", ("outcome",), registry=registry)

    def observe(self, method: str, route: str, status: int, seconds: float, code: Code | None) -> None:
        """Count one answered request, and the problem where it got one."""
        self._requests(method, route, str(status)).inc()
        self._seconds(route).observe(seconds)
        if code is not None:
            self._problems.labels(code).inc()

    def serving(self, bundle: str, providers: dict[str, str]) -> None:
        """Show this bundle, and its models' providers, instead of the last one's."""
        self._bundle.clear()
        self._model.clear()
        self._bundle.labels(bundle).set(1)
        for model, provider in providers.items():
            self._model.labels(model, provider).set(1)

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)
