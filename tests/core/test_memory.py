"""Freed memory stays with the process that asks for it."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

_FAULTS = """
import resource, sys
import numpy as np
from core import memory
if sys.argv[1] == "keep":
    memory.keep_freed()
np.ones(10**6)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    np.ones(10**6), np.ones(10**6), np.ones(10**6)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator")
def test_arrays_take_the_pages_that_others_left() -> None:
    faults = {how: int(subprocess.check_output([sys.executable, "-c", _FAULTS, how])) for how in ("keep", "give")}
    pages = 8 * 10**6 // resource.getpagesize()
    assert faults["keep"] < 8 * pages
    assert faults["give"] > faults["keep"]
