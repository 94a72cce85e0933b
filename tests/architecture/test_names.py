"""Flat packages have common names. That is safe only as long as nobody else in the environment has them too."""

import importlib
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT


@pytest.mark.parametrize("package", PACKAGES)
def test_a_name_is_ours(package: str) -> None:
    assert package not in sys.stdlib_module_names
    found = importlib.import_module(package).__file__
    assert found is not None
    assert Path(found).is_relative_to(ROOT), f"`import {package}` finds {found}"


@pytest.mark.parametrize("package", PACKAGES)
def test_no_other_distribution_has_the_name(package: str) -> None:
    owners = set(packages_distributions().get(package, ()))
    assert owners <= {"hinomi"}, f"`{package}` also comes with {owners}"
