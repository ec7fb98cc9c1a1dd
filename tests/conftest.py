"""What holds for all tests."""

import os

from hypothesis import HealthCheck, settings

# A test asserts behaviour, never a time; and CI judges a change by the same examples each time it looks.
settings.register_profile(
    "drumwatch", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("drumwatch")
