#!/usr/bin/env python3
"""Training speed beside PyTorch fp32: the same weights, batches, heads and cores, rounds taken in turn.

A step is forward, backward, clipping and AdamW on 32 posts. PyTorch pads to the longest post of the batch; Winnow packs.
Dropout is off and the heads start at zero, so both go the same way: the losses of every step are compared as well.

The posts are made here: vocabulary indices of lengths like those of tweets (mean 29 pieces with the two specials, 5 % under
16, 5 % over 41, the longest 112). Without --model the weights are random, of the shape of MiniLM-L6.

pip install torch transformers
Usage: compare.py --winnow .build/release/winnow [--model CHECKPOINT] [--rounds 7] [--steps 10]
"""
import argparse
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time

import torch
import transformers
from transformers import BertConfig, BertModel

CLASSES = ["negative", "neutral", "positive"]
TYPES = ["person", "location", "organization", "group", "product", "work"]
OPTIMISER = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-6, "weightDecay": 0.01, "largestGradientNorm": 1}
RATE = 2e-5


def batches(count, vocabulary, seed=20251128):
    draw = random.Random(seed)
    outputs = 1 + 2 * len(TYPES)

    def post(tagged):
        length = round(draw.gauss(29, 7.5)) if draw.random() < 0.99 else draw.randint(50, 112)
        inner = min(max(length, 5), 112) - 2
        ids = [101] + [draw.randrange(1000, vocabulary) for _ in range(inner)] + [102]
        tags = [draw.randrange(1, outputs) if draw.random() < 0.1 else 0 for _ in range(inner)] if tagged else []
        return {"ids": ids, "label": draw.randrange(len(CLASSES)), "tags": tags}

    return [[post(index % 2 == 0) for index in range(32)] for _ in range(count)]


class Reference(torch.nn.Module):
    """BERT with a head of classes on the mean of the states and a head of tags on each of them."""

    def __init__(self, folder):
        super().__init__()
        self.encoder = BertModel.from_pretrained(folder, add_pooling_layer=False)
        for module in self.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        self.encoder.config.attention_probs_dropout_prob = 0.0
        for layer in self.encoder.encoder.layer:
            layer.attention.self.dropout_prob = 0.0
        width = self.encoder.config.hidden_size
        self.classes = torch.nn.Linear(width, len(CLASSES))
        self.tags = torch.nn.Linear(width, 1 + 2 * len(TYPES))
        for head in (self.classes, self.tags):
            torch.nn.init.zeros_(head.weight)
            torch.nn.init.zeros_(head.bias)

    def loss(self, ids, mask, labels, tags):
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).float()
        pooled = (states * weights).sum(1) / weights.sum(1)
        total = torch.nn.functional.cross_entropy(self.classes(pooled), labels, reduction="sum")
        rows = tags >= 0
        total = total + 0.1 * torch.nn.functional.cross_entropy(self.tags(states[rows]), tags[rows], reduction="sum")
        return total / ids.shape[0]


def tensors(batch):
    longest = max(len(post["ids"]) for post in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    mask, tags = torch.zeros_like(ids), torch.full_like(ids, -1)
    for row, post in enumerate(batch):
        ids[row, :len(post["ids"])] = torch.tensor(post["ids"])
        mask[row, :len(post["ids"])] = 1
        if post["tags"]:
            tags[row, 1:1 + len(post["tags"])] = torch.tensor(post["tags"])
    return ids, mask, torch.tensor([post["label"] for post in batch]), tags


def torch_round(folder, steps):
    model = Reference(folder).train()
    decaying = [value for value in model.parameters() if value.dim() > 1]
    others = [value for value in model.parameters() if value.dim() <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decaying, "weight_decay": OPTIMISER["weightDecay"]}, {"params": others, "weight_decay": 0.0}],
        lr=RATE, betas=(OPTIMISER["beta1"], OPTIMISER["beta2"]), eps=OPTIMISER["epsilon"], fused=True)
    seconds, processor, losses = [], [], []
    for batch in steps:
        inputs = tensors(batch)
        start, processor_start = time.perf_counter(), time.process_time()
        optimiser.zero_grad(set_to_none=True)
        loss = model.loss(*inputs)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), OPTIMISER["largestGradientNorm"])
        optimiser.step()
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - processor_start)
        losses.append(loss.item())
    return seconds, processor, losses


def winnow_round(winnow, folder, file, threads):
    answer = subprocess.run(
        [winnow, "benchmark", "--stage", "training", "--model", folder, "--batches", file, "--workers", str(threads),
         "--json"], check=True, capture_output=True, text=True)
    return json.loads(answer.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--winnow", required=True)
    parser.add_argument("--model")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2, help="for both; one where the machine is not yours alone")
    parser.add_argument("--steps", type=int, default=10, help="counted steps of a round; two more warm up")
    options = parser.parse_args()
    threads = min(options.threads, len(os.sched_getaffinity(0)))
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    transformers.utils.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.model
        if folder is None:
            folder = f"{temporary}/random"
            BertModel(BertConfig(
                hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536),
                add_pooling_layer=False).save_pretrained(folder)
        with open(f"{folder}/config.json", encoding="utf-8") as file:
            vocabulary = json.load(file)["vocab_size"]
        steps = batches(options.steps + 2, vocabulary)
        file = f"{temporary}/batches.json"
        with open(file, "w", encoding="utf-8") as out:
            json.dump({"classes": CLASSES, "types": TYPES, "rate": RATE, "optimiser": OPTIMISER, "steps": steps}, out)
        tokens = [sum(len(post["ids"]) for post in batch) for batch in steps]
        padded = [len(batch) * max(len(post["ids"]) for post in batch) for batch in steps]
        theirs, ours, ratios, processor_ratios, apart = [], [], [], [], 0.0
        for number in range(options.rounds):
            reference, reference_processor, reference_losses = torch_round(folder, steps)
            result = winnow_round(options.winnow, folder, file, threads)
            apart = max(apart, max(abs(one - other) for one, other in zip(reference_losses, result["losses"])))
            theirs += reference[2:]
            ours += result["seconds"][2:]
            ratios.append(sum(reference[2:]) / sum(result["seconds"][2:]))
            processor_ratios.append(sum(reference_processor[2:]) / sum(result["processorSeconds"][2:]))
            print(f"round {number + 1}: PyTorch {statistics.median(reference[2:]):.3f} s a step, Winnow "
                  f"{statistics.median(result['seconds'][2:]):.3f} s a step, ratio {ratios[-1]:.3f}, of processor "
                  f"time {processor_ratios[-1]:.3f}", flush=True)
    print(f"command: {' '.join(sys.argv)}")
    print(f"machine: {result['machine']}; {platform.platform()}; PyTorch {torch.__version__}, "
          f"transformers {transformers.__version__}, {threads} threads each")
    print(f"{len(theirs)} steps of 32 posts, {statistics.mean(tokens):.0f} tokens a step, padded {statistics.mean(padded):.0f}")
    for name, seconds in (("PyTorch fp32", theirs), ("Winnow fp32", ours)):
        print(f"{name}: median {statistics.median(seconds):.4f} s a step, {min(seconds):.4f} to {max(seconds):.4f}; "
              f"{statistics.mean(tokens) / statistics.median(seconds):.0f} tokens/s")
    print(f"largest difference of a step's loss: {apart:.2e}")
    print(f"PyTorch / Winnow, time of a round: median {statistics.median(ratios):.3f}, {min(ratios):.3f} to {max(ratios):.3f}")
    print(f"PyTorch / Winnow, processor time of a round: median {statistics.median(processor_ratios):.3f}, "
          f"{min(processor_ratios):.3f} to {max(processor_ratios):.3f}")


if __name__ == "__main__":
    main()
