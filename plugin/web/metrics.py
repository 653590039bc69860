"""What the receiver counts, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_OUTCOMES = {
    200: "stored",
    400: "unreadable",
    401: "unsigned",
    404: "unknown_connection",
    413: "too_large",
    503: "unavailable",
}
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """The figures of one app, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        receipts = Counter(
            "maturo_receipts", "Deliveries to /hooks by outcome", ["outcome"], registry=registry
        )
        self._outcomes = {code: receipts.labels(name) for code, name in _OUTCOMES.items()}
        self._other = receipts.labels("other")
        self.request_seconds = Histogram(
            "maturo_receive_seconds",
            "From the first byte of the body to the durable receipt",
            buckets=_SECONDS,
            registry=registry,
        )
        self._commit_rows = Histogram(
            "maturo_inbox_commit_rows", "Receipts in one commit", buckets=_ROWS, registry=registry
        )
        self._commit_seconds = Histogram(
            "maturo_inbox_commit_seconds", "Time of one commit", buckets=_SECONDS, registry=registry
        )
        self.backlog = Gauge(
            "maturo_backlog_receipts", "Receipts not yet scored", registry=registry
        )

    def count(self, status: int) -> None:
        """One delivery was answered with this HTTP status."""
        self._outcomes.get(status, self._other).inc()

    def committed(self, rows: int, seconds: float) -> None:
        """One commit of the inbox."""
        self._commit_rows.observe(rows)
        self._commit_seconds.observe(seconds)
