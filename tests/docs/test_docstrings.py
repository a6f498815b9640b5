"""The examples in docstrings are run, so that they cannot be wrong."""

import doctest
import importlib
from pathlib import Path

import pytest

from tests.architecture.sources import name_of, python_files

WITH_EXAMPLES = [path for path in python_files("core", "app") if ">>> " in path.read_text("utf-8")]


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=name_of)
def test_examples_give_what_they_show(path: Path) -> None:
    name = name_of(path.with_suffix("")).replace("/", ".").removesuffix(".__init__")
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    result = doctest.testmod(importlib.import_module(name), optionflags=flags)
    assert result.attempted > 0
    assert result.failed == 0
