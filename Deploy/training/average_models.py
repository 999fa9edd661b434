#!/usr/bin/env python3
"""Averages the weights of two models of one shape, the second trained on from the first:

    python3 Deploy/training/average_models.py FIRST SECOND SHARE OUTPUT

Writes FIRST * (1 - SHARE) + SECOND * SHARE with everything else of SECOND, and what only SECOND has (a new head) as it is there. Both
folders in float32 (winnow quantize --precision float32 makes one of a smaller one). Needs numpy. After Wortsman et al. 2022, "Robust
fine-tuning of zero-shot models" (arXiv 2109.01903): the average often loses less of what the first could than the second does.
"""
import json
import pathlib
import shutil
import struct
import sys

import numpy


def read(folder):
    """The header and the values of a folder's model.safetensors: name to a flat float32 array."""
    data = (folder / "model.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__", None)
    values = {}
    for name, entry in header.items():
        if entry["dtype"] != "F32":
            sys.exit(f"{folder}: {name} is {entry['dtype']}, not F32; winnow quantize --precision float32 makes it so.")
        begin, end = entry["data_offsets"]
        values[name] = numpy.frombuffer(data, numpy.float32, (end - begin) // 4, 8 + length + begin)
    return header, values, metadata


def write(model, output, header, values, metadata):
    """Writes a copy of the folder `model` with these values, in the order of its file."""
    entries, parts, offset = {}, [], 0
    if metadata:
        entries["__metadata__"] = metadata
    for name in sorted(values, key=lambda name: header[name]["data_offsets"][0]):
        value = values[name]
        entries[name] = {"dtype": "F32", "shape": header[name]["shape"], "data_offsets": [offset, offset + value.nbytes]}
        offset += value.nbytes
        parts.append(value.tobytes())
    text = json.dumps(entries).encode()
    text += b" " * (-len(text) % 8)
    shutil.copytree(model, output)
    (output / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))
    print(f"wrote {output}")


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    first, second, output = (pathlib.Path(sys.argv[place]) for place in (1, 2, 4))
    share = float(sys.argv[3])
    first_header, first_values, _ = read(first)
    header, values, metadata = read(second)
    for name in values:
        if name in first_values:
            if first_header[name]["shape"] != header[name]["shape"]:
                sys.exit(f"{name} has another shape in {first} than in {second}.")
            values[name] = (first_values[name] * (1 - share) + values[name] * share).astype(numpy.float32)
    write(second, output, header, values, metadata)


if __name__ == "__main__":
    main()
