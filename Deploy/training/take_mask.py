#!/usr/bin/env python3
"""Gives a model the mask of another that has the same word embeddings, which is all that a mask reads:

    python3 Deploy/training/take_mask.py MODEL WHOSE_MASK OUTPUT

Both folders in float32. A student that was trained with frozen embeddings beside a teacher reads through the teacher's own mask then
(record 0213). Needs numpy.
"""
import pathlib
import sys

import average_models
import numpy


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    model, other, output = (pathlib.Path(argument) for argument in sys.argv[1:])
    header, values, metadata = average_models.read(model)
    other_header, other_values, _ = average_models.read(other)
    table = "embeddings.word_embeddings.weight"
    if not numpy.array_equal(values[table], other_values[table]):
        sys.exit(f"{model} and {other} differ in {table}: the mask of the one says nothing about the words of the other.")
    masks = [name for name in values if name.startswith("mask.")]
    if not masks or any(other_header.get(name, {}).get("shape") != header[name]["shape"] for name in masks):
        sys.exit(f"{model} and {other} have no mask of the same shape.")
    for name in masks:
        values[name] = other_values[name]
    average_models.write(model, output, header, values, metadata)


if __name__ == "__main__":
    main()
