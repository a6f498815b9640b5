import inspect
import pickle  # only to prove that an error crosses a process boundary

import pytest

from core import errors
from core.errors import ContractError, HarbourlightError, InvalidInput, NotFound, StorageError


def _kinds() -> list[type[HarbourlightError]]:
    classes = (kind for _, kind in inspect.getmembers(errors, inspect.isclass))
    return [kind for kind in classes if issubclass(kind, HarbourlightError)]


def test_the_text_joins_template_and_remedy_with_their_values() -> None:
    error = NotFound("There is no model {model}.", remedy="Run {command}.", model="m", command="c")
    assert str(error) == "There is no model m. Run c."
    assert error.template == "There is no model {model}."
    assert error.remedy == "Run {command}."
    assert error.params == {"model": "m", "command": "c"}


def test_without_a_remedy_the_text_is_the_template() -> None:
    assert str(HarbourlightError("It failed.")) == "It failed."


def test_braces_in_a_value_stay_as_they_are() -> None:
    assert str(InvalidInput("{text} is wrong.", text="{name}")) == "{name} is wrong."


@pytest.mark.parametrize("kind", _kinds())
def test_every_error_survives_the_way_to_another_process(kind: type[HarbourlightError]) -> None:
    error = kind("{path} is gone.", remedy="Look for {path}.", path="lake/x")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(copy) is kind
    assert (str(copy), copy.params) == (str(error), error.params)


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    drawn = errors.__doc__ or ""
    for kind in _kinds():
        assert kind.__name__ in drawn, f"{kind.__name__} is missing from the tree"
        assert kind.__doc__, f"{kind.__name__} does not say when it happens"
    assert issubclass(ContractError, InvalidInput)
    assert issubclass(errors.DiskFull, StorageError)
