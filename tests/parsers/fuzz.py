"""Coverage-guided fuzzing of the formats with atheris: `make fuzz`, or `make fuzz FUZZ_ARGS="squid bind -runs=2000"`.

Names choose formats (none: all, one after the other); what begins with `-` goes to libFuzzer. What is asked of any
bytes is what `test_accounting` asks: one answer a line that leads to its bytes, alone as in its chunk, no control
character in any column, and no format that fails.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import atheris  # type: ignore[import-not-found]  # installed by `make fuzz` alone

with atheris.instrument_imports(include=["parsers"]):
    from parsers import formats
    from tests.parsers import test_accounting

SECONDS = 20
"""For each format, unless libFuzzer is told otherwise."""
LONGEST = 4096


def fuzz(name: str, options: list[str]) -> None:
    """Fuzz one format; does not return."""

    def one(data: bytes) -> None:
        data = data.removeprefix(b"\xef\xbb\xbf")
        test_accounting.check_hostile(name, data)

    with tempfile.TemporaryDirectory(prefix="hinomi-fuzz-") as folder:
        for n, line in enumerate(test_accounting.sample_lines(name)):
            (Path(folder) / str(n)).write_bytes(line + b"\n")
        atheris.Setup([sys.argv[0], f"-max_total_time={SECONDS}", f"-max_len={LONGEST}", *options, folder], one)
        atheris.Fuzz()


def main() -> None:
    """Fuzz the formats of the command line in a process each; ends with 1 where one of them fell."""
    names = [argument for argument in sys.argv[1:] if not argument.startswith("-")] or sorted(formats())
    options = [argument for argument in sys.argv[1:] if argument.startswith("-")]
    fallen = []
    for name in names:
        child = os.fork()
        if child == 0:
            fuzz(name, options)
        _, status = os.waitpid(child, 0)
        fallen += [name] if status else []
    sys.stderr.write(f"{len(names)} formats, fallen: {', '.join(fallen) or 'none'}\n")
    sys.exit(bool(fallen))


if __name__ == "__main__":
    main()
