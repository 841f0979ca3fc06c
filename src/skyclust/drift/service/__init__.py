"""What may be done about drift and orphans. The slice's only door."""

from skyclust.drift.service.reading import drift_page, get_drift

__all__ = ["drift_page", "get_drift"]
