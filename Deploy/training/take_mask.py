#!/usr/bin/env python3
"""Gives a model the mask of another that has the same word embeddings, which is all that a mask reads:

    python3 Deploy/training/take_mask.py MODEL WHOSE_MASK OUTPUT

Both folders in float32. A student that was trained with frozen embeddings beside a teacher reads through the teacher's own mask then
(record 0213). MODEL may also be first weights as make_multilingual_start.py writes them: OUTPUT is a model folder without heads then, with
the word embeddings of WHOSE_MASK (which may have been rounded since), and training begins with a mask that knows its words (record 0199).
Needs numpy.
"""
import json
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
    configuration = json.loads((model / "config.json").read_text())
    is_start = "num_hidden_layers" in configuration
    table = "embeddings.word_embeddings.weight"
    rounding = 0.01 if is_start else 0
    if values[table].shape != other_values[table].shape or numpy.abs(values[table] - other_values[table]).max() > rounding:
        sys.exit(f"{model} and {other} differ in {table}: the mask of the one says nothing about the words of the other.")
    masks = [name for name in other_values if name.startswith("mask.")]
    if not masks or not is_start and any(other_header[name]["shape"] != header.get(name, {}).get("shape") for name in masks):
        sys.exit(f"{model} and {other} have no mask of the same shape.")
    if is_start:
        values[table] = other_values[table]
        # After the rest, in the order of the other file.
        end = max(entry["data_offsets"][1] for entry in header.values())
        for name in masks:
            header[name] = other_header[name] | {"data_offsets": [end + place for place in other_header[name]["data_offsets"]]}
        layers = configuration["num_hidden_layers"]
        configuration = json.loads((other / "config.json").read_text()) | {"heads": []}
        configuration["encoder"]["layers"] = layers
    for name in masks:
        values[name] = other_values[name]
    average_models.write(model, output, header, values, metadata)
    if is_start:
        (output / "config.json").write_text(json.dumps(configuration, indent=1))


if __name__ == "__main__":
    main()
