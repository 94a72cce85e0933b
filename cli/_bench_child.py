"""Runs one step of `hinomi bench` in a process of its own and says what it took; and what machine this is."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from core.errors import HinomiError

VERSIONS = ("hinomi", "polars", "pyarrow", "numpy", "duckdb", "sqlalchemy", "zstandard")


@dataclass(frozen=True, slots=True)
class Took:
    """What a process took and answered."""

    cpu: float
    """Seconds, user and system, of the whole process: start, imports and end included."""
    wall: float
    peak: int
    """Bytes of memory it held at most."""
    said: dict[str, Any]


def run(task: str, *, core: int | None = None, **arguments: Any) -> Took:
    """One step of `cli._bench_steps`, to its end."""
    return together([(task, core, arguments)])[0]


def together(steps: Sequence[tuple[str, int | None, Mapping[str, Any]]]) -> list[Took]:
    """Some steps at once: task, core to be pinned to (None: any, and threads as they like), arguments."""
    began = perf_counter()
    running = [(task, _start(task, core, arguments)) for task, core, arguments in steps]
    return [_finish(task, process, began) for task, process in running]


def cores() -> list[int]:
    """The processors that this process may use."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


def _start(task: str, core: int | None, arguments: Mapping[str, Any]) -> subprocess.Popen[bytes]:
    words = {k: str(v) if isinstance(v, Path) else v for k, v in arguments.items()}
    environment = dict(os.environ)
    if core is not None:
        environment |= {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-P", "-m", "cli._bench_steps", task, json.dumps(core), json.dumps(words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)  # noqa: S603 - our own program


def _finish(task: str, process: subprocess.Popen[bytes], began: float) -> Took:
    if process.stdout is None:
        raise ValueError("a step says what it did on its standard output")
    try:
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = perf_counter() - began
    process.stdout.close()
    if process.returncode:
        raise HinomiError(f"bench: the step {task} ended with {process.returncode}; what it said stands above")
    answer: dict[str, Any] = json.loads(said)
    # The kernel's own figure for a process counts its parent's memory at the time of the fork, too.
    peak = answer.pop("peak") or usage.ru_maxrss * 1024
    return Took(usage.ru_utime + usage.ru_stime, wall, peak, answer)


def machine() -> str:
    """Processor, memory and versions, in two lines."""
    model, memory = platform.processor() or platform.machine(), 0.0
    try:
        info = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        model = next(line.partition(":")[2].strip() for line in info if line.startswith("model name"))
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (OSError, StopIteration, ValueError):
        pass
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in VERSIONS)
    where = f"{model}, {len(cores())} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}"
    return f"{where}\nPython {platform.python_version()}, {versions}"


def load() -> str:
    """How busy the machine is (1, 5 and 15 minutes)."""
    return "load " + " ".join(f"{x:.1f}" for x in os.getloadavg()) + f" on {len(cores())} cores"
