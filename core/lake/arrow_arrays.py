"""NumPy arrays from Arrow arrays and back, through their buffers.

PyArrow's own conversions load pandas and its compute functions, a third of a second that the
first figure of a process would wait for.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import DTypeLike

from core.metrics.arrays import AnyArray, Booleans, Floats


def numbers_of(array: pa.Array, dtype: DTypeLike) -> AnyArray:
    """Return the values of an array of fixed width; anything may stand where it is null.

    Parameters
    ----------
    array : Array
        Numbers, days or instants.
    dtype : dtype
        What its values are; nothing is converted.

    Raises
    ------
    ValueError
        If a value of the array is not as wide as the dtype.
    """
    width = np.dtype(dtype).itemsize
    if array.type.bit_width != 8 * width:
        raise ValueError(f"{array.type} is not {np.dtype(dtype)}")
    data = array.buffers()[1]
    if data is None or not len(array):
        return np.empty(0, dtype)
    return np.frombuffer(data, dtype, count=len(array), offset=array.offset * width)


def nulls_of(array: pa.Array) -> Booleans | None:
    """Return where an array is null; ``None`` if it nowhere is."""
    bitmap = array.buffers()[0]
    if bitmap is None or not array.null_count:
        return None
    end = array.offset + len(array)
    bits = np.unpackbits(np.frombuffer(bitmap, np.uint8), count=end, bitorder="little")
    return np.equal(bits[array.offset :], 0)


def doubles_of(array: pa.Array) -> Floats:
    """Return an array of doubles, NaN where it is null."""
    values, null = numbers_of(array, np.float64), nulls_of(array)
    return values if null is None else np.where(null, np.nan, values)


def array_of(values: AnyArray, kind: pa.DataType, null: Booleans | None = None) -> pa.Array:
    """Return an Arrow array over the memory of a NumPy array.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Numbers as wide as ``kind``.
    kind : DataType
        A type of fixed width.
    null : ndarray of bool, shape (n,), optional
        Where it is null.
    """
    bitmap = None if null is None else pa.py_buffer(np.packbits(~null, bitorder="little"))
    data = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(kind, len(values), [bitmap, data])


def texts(values: Sequence[str]) -> pa.Array:
    """Return an Arrow array of texts."""
    parts = [value.encode() for value in values]
    offsets = np.cumsum([0, *(len(part) for part in parts)], dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(parts))]
    return pa.Array.from_buffers(pa.string(), len(parts), buffers)
