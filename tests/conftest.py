"""What holds for all tests."""

import os
import signal

from hypothesis import HealthCheck, settings

# A test asserts behaviour, never a time; and CI judges a change by the same examples each time it looks.
settings.register_profile(
    "drumwatch", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("drumwatch")

# A run that was started in the background ignores Ctrl-C and hands that down, also to the programs whose Ctrl-C is tested.
signal.signal(signal.SIGINT, signal.default_int_handler)
