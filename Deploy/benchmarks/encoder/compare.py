#!/usr/bin/env python3
"""Encoder speed beside ONNX Runtime fp32: the same weights and posts, in one run, rounds taken in turn.

ONNX Runtime gets batches of 32 sorted by length (the way of its users, padding kept small) on all cores; Winnow gets the
posts as they come, packed. Both run the encoder alone: tokens in, hidden states out.

pip install torch transformers tokenizers onnx onnxruntime
Usage: compare.py --winnow .build/release/winnow --model MODEL_FOLDER --texts POSTS.jsonl [--posts 2000] [--rounds 7]
The folder holds config.json, model.safetensors with F32 weights under Hugging Face's names, and vocab.txt.
"""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import onnxruntime
from tokenizers import BertWordPieceTokenizer

from export_onnx import export


def read_texts(path, limit):
    texts = []
    with open(path, encoding="utf-8", newline="\n") as file:
        for line in file:
            line = line.rstrip("\n")
            if len(texts) == limit:
                break
            if line:
                texts.append(json.loads(line)["text"] if line.startswith("{") else line)
    return texts


def batches(folder, texts, size):
    with open(f"{folder}/config.json") as file:
        settings = json.load(file)["tokenizer"]
    tokenizer = BertWordPieceTokenizer(f"{folder}/{settings['file']}", lowercase=settings["lowercase"])
    tokenizer.enable_truncation(settings["maximum_tokens"])
    rows = sorted((tokenizer.encode(text).ids for text in texts), key=len)
    result = []
    for first in range(0, len(rows), size):
        part = rows[first:first + size]
        ids = numpy.zeros((len(part), max(map(len, part))), dtype=numpy.int64)
        mask = numpy.zeros_like(ids)
        for index, row in enumerate(part):
            ids[index, :len(row)] = row
            mask[index, :len(row)] = 1
        result.append({"input_ids": ids, "attention_mask": mask})
    return result, sum(map(len, rows))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--winnow", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--texts", required=True)
    parser.add_argument("--posts", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batch", type=int, default=32)
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    texts = read_texts(options.texts, options.posts)
    feeds, tokens = batches(options.model, texts, options.batch)
    with tempfile.TemporaryDirectory() as folder:
        export(options.model, f"{folder}/encoder.onnx")
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = cores
        settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        session = onnxruntime.InferenceSession(f"{folder}/encoder.onnx", settings, providers=["CPUExecutionProvider"])
        reference, own = [], []
        for number in range(options.rounds + 1):
            start = time.perf_counter()
            for feed in feeds:
                session.run(None, feed)
            rate = len(texts) / (time.perf_counter() - start)
            answer = subprocess.run(
                [options.winnow, "benchmark", "--stage", "encoder", "--model", options.model, "--texts", options.texts,
                 "--posts", str(options.posts), "--rounds", "1", "--json"], check=True, capture_output=True, text=True)
            result = json.loads(answer.stdout)
            if number:  # the first round warms up
                reference.append(rate)
                own += result["rates"]
                print(f"round {number}: ONNX Runtime {rate:.1f}, Winnow {result['rates'][0]:.1f} posts/s", flush=True)
    ratios = [ours / theirs for ours, theirs in zip(own, reference)]
    print(f"command: {' '.join(sys.argv)}")
    print(f"machine: {result['machine']}; {platform.platform()}; ONNX Runtime {onnxruntime.__version__}")
    print(f"{len(texts)} posts, {tokens} tokens (Winnow counts {result['tokens']})")
    for name, rates in (("ONNX Runtime fp32", reference), ("Winnow fp32", own)):
        print(f"{name}: median {statistics.median(rates):.1f} posts/s, {min(rates):.1f} to {max(rates):.1f}")
    print(f"Winnow / ONNX Runtime: median {statistics.median(ratios):.3f}, {min(ratios):.3f} to {max(ratios):.3f}")


if __name__ == "__main__":
    main()
