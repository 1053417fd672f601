"""Route 53: references that make calls repeatable."""

from __future__ import annotations

from lab.extend import idempotent

# The same reference with other settings: HealthCheckAlreadyExists, says the API reference.
idempotent("route53", "CreateHealthCheck", "CallerReference", "HealthCheckAlreadyExists")
