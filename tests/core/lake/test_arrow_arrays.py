"""Against PyArrow's own conversions."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.lake.arrow_arrays import array_of, doubles_of, nulls_of, numbers_of, texts

SOME = st.lists(st.none() | st.floats(), max_size=40)


@given(SOME, st.integers(0, 20), st.integers(0, 20))
def test_doubles_with_gaps(values: list[float | None], start: int, count: int) -> None:
    array = pa.array(values, pa.float64()).slice(start, count)
    expected = [np.nan if value is None else value for value in array.to_pylist()]
    np.testing.assert_array_equal(doubles_of(array), np.asarray(expected, dtype=np.float64))
    null = nulls_of(array)
    found = np.zeros(len(array), dtype=bool) if null is None else null
    assert found.tolist() == [value is None for value in array.to_pylist()]


@given(SOME)
def test_there_and_back(values: list[float | None]) -> None:
    array = pa.array(values, pa.float64())
    null = np.asarray([value is None for value in values], dtype=bool)
    made = array_of(doubles_of(array), pa.float64(), null)
    made.validate(full=True)
    assert made.equals(array) or np.isnan(doubles_of(array)).any()
    assert made.null_count == array.null_count


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [(pa.uint16(), np.uint16), (pa.int32(), np.int32), (pa.date32(), np.int32)],
)
def test_whole_numbers(kind: pa.DataType, dtype: type) -> None:
    made = array_of(np.arange(5, dtype=dtype), kind)
    made.validate(full=True)
    assert made.equals(pa.array(range(5), pa.int32()).cast(kind, safe=False))
    assert numbers_of(made.slice(2, 2), dtype).tolist() == [2, 3]
    assert numbers_of(made.slice(5), dtype).tolist() == []


def test_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="int32 is not float64"):
        numbers_of(pa.array([1], pa.int32()), np.float64)


@given(st.lists(st.text()))
def test_texts(values: list[str]) -> None:
    encodable = [value.encode("utf-8", "ignore").decode() for value in values]
    made = texts(encodable)
    made.validate(full=True)
    assert made.to_pylist() == encodable


def test_no_conversion_loads_pandas() -> None:
    script = (
        "import sys, numpy, pyarrow\n"
        "from core.lake.arrow_arrays import array_of, doubles_of, texts\n"
        "made = array_of(numpy.array([1.0, 2.0]), pyarrow.float64(), numpy.array([True, False]))\n"
        "assert numpy.isnan(doubles_of(made))[0] and len(texts(['a', 'b'])) == 2\n"
        "print('pandas' in sys.modules, 'pyarrow.compute' in sys.modules)\n"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert found.stdout.split() == [b"False", b"False"]
