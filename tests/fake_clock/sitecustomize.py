"""For processes under libfaketime, which turns the moment until which Python sleeps into nonsense.

Python sleeps by clock_nanosleep on the monotonic clock; version 0.9.10 takes that for the wall's.
"""

import select
import time


def _sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = _sleep
