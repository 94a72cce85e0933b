"""The wheel is all that a closed network gets: whatever the program reads at run time lies in it."""

import importlib.metadata
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.architecture.tree import PACKAGES, PROJECT, ROOT, files


def test_the_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert inside == {str(path) for path in files() if path.parts[0] in PACKAGES}


def test_the_command_is_installed() -> None:
    (command,) = importlib.metadata.entry_points(group="console_scripts", name="hinomi")
    assert command.value == PROJECT["project"]["scripts"]["hinomi"]
