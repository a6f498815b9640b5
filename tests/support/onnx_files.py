"""ONNX models written byte by byte: messages of protocol buffers after onnx.proto, version 8.

A field is its number and kind in a varint, then its value: a varint (kind 0), or a length and that
many bytes (kind 2). The numbers of the fields are those of onnx.proto.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

FLOAT, TEXT = 1, 8


def field(number: int, value: int | bytes | str) -> bytes:
    """Return one field of a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def varint(number: int) -> bytes:
    """Return a number, seven bits a byte, the lowest first."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def tensor(name: str, values: Sequence[float], *shape: int) -> bytes:
    """Return a TensorProto of floats: dims, data_type, name, raw_data."""
    dims = b"".join(field(1, size) for size in shape)
    data = struct.pack(f"<{len(values)}f", *values)
    return dims + field(2, FLOAT) + field(8, name) + field(9, data)


def value(name: str, columns: int, kind: int = FLOAT) -> bytes:
    """Return a ValueInfoProto: any number of rows, some columns."""
    shape = field(1, field(2, "rows")) + field(1, field(1, columns))
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))


def node(operator: str, inputs: Sequence[str], output: str, **attributes: int) -> bytes:
    """Return a NodeProto; attributes are whole numbers."""
    found = b"".join(field(1, name) for name in inputs) + field(2, output) + field(4, operator)
    for name, number in attributes.items():
        found += field(5, field(1, name) + field(3, number) + field(20, 2))
    return found


def model(
    nodes: Sequence[bytes],
    tensors: Sequence[bytes],
    inputs: Sequence[bytes],
    output: bytes,
    metadata: Mapping[str, object] | None = None,
) -> bytes:
    """Return a ModelProto: ir_version, graph, opset_import, metadata_props."""
    graph = b"".join(field(1, each) for each in nodes) + field(2, "scores")
    graph += b"".join(field(5, each) for each in tensors)
    graph += b"".join(field(11, each) for each in inputs) + field(12, output)
    told = b"".join(
        field(14, field(1, name) + field(2, json.dumps(text)))
        for name, text in (metadata or {}).items()
    )
    return field(1, 8) + field(7, graph) + field(8, field(2, 13)) + told


def logistic(
    path: Path,
    weights: Sequence[float],
    bias: float,
    names: Sequence[str],
    *,
    matrix: bool = False,
    both: bool = False,
) -> Path:
    """Write a logistic regression, its inputs apart or as one matrix, for one class or both."""
    joined = "x" if matrix else "joined"
    nodes = [] if matrix else [node("Concat", names, joined, axis=1)]
    nodes += [
        node("MatMul", [joined, "weights"], "product"),
        node("Add", ["product", "bias"], "sum"),
        node("Sigmoid", ["sum"], "chance"),
    ]
    if both:
        nodes += [
            node("Sub", ["one", "chance"], "other"),
            node("Concat", ["chance", "other"], "chances", axis=1),
        ]
    tensors = [
        tensor("weights", weights, len(weights), 1),
        tensor("bias", [bias], 1),
        tensor("one", [1.0], 1),
    ]
    inputs = [value("x", len(names))] if matrix else [value(name, 1) for name in names]
    metadata: dict[str, object] = {"feature_names": list(names)} if matrix else {}
    if both:
        metadata["classes"] = ["bad", "good"]
    output = value("chances", 2) if both else value("chance", 1)
    path.write_bytes(model(nodes, tensors, inputs, output, metadata))
    return path
