#!/usr/bin/env python3
"""Writes the golden values of Tests/StudentInferenceTests/Fixtures from independent implementations:
ids from Hugging Face tokenizers, hidden states and logits from PyTorch and transformers.

pip install torch transformers tokenizers safetensors
Usage: make_golden.py FIXTURES_FOLDER [MINILM_FOLDER]   (config.json, model.safetensors, tokenizer.json, vocab.txt)
"""
import json
import os
import sys

import torch
from safetensors.torch import save_file
from tokenizers import BertWordPieceTokenizer
from transformers import BertConfig, BertModel

from golden_texts import TEXTS

LETTERS = sorted(
    set("abcdefghijklmnopqrstuvwxyz0123456789") | set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    | set(".,!?'\"@#:;/-_&=<>()[]{}$%*+~^`|\\") | set("äéßøłđñ") | set("αβγδεκλμισςυφορτ") | set("авдийклмнопрстёу")
    | set("日本語中文字更豈がかきのとカタ") | set("ᄋᄂᆫᆼᅡᅧ") | set("سلامعر") | set("שלום") | set("नमसत") | set("🔥😀👍") | set("“”—…£€∑"))
WORDS = ["hello", "world", "the", "Hello", "test", "cafe", "café", "it", "new", "fire", "album", "post"]
SUFFIXES = ["##s", "##ing", "##ed", "##lo", "##er", "##llo", "##ber"]


def tiny_vocabulary():
    pieces = (["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + WORDS + SUFFIXES + LETTERS
              + ["##" + letter for letter in LETTERS if letter.isalnum() or not letter.isascii()])
    return list(dict.fromkeys(pieces))


def encode(path, lowercase):
    tokenizer = BertWordPieceTokenizer(path, lowercase=lowercase)
    # Names of specials in a post are ordinary text for Winnow: none of the texts holds one.
    tokenizer.enable_truncation(128)
    return tokenizer, [tokenizer.encode(text).ids for text in TEXTS]


def tiny(folder):
    os.makedirs(folder, exist_ok=True)
    pieces = tiny_vocabulary()
    with open(f"{folder}/vocab.txt", "w", encoding="utf-8") as file:
        file.write("\n".join(pieces) + "\n")
    _, uncased = encode(f"{folder}/vocab.txt", True)
    _, cased = encode(f"{folder}/vocab.txt", False)
    torch.manual_seed(20)
    sizes = dict(layers=2, width=32, heads=4, feed_forward=72, vocabulary=len(pieces), positions=160, segments=2,
                 norm_epsilon=1e-12)
    model = BertModel(BertConfig(
        vocab_size=sizes["vocabulary"], hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=72, max_position_embeddings=160, hidden_act="gelu"), add_pooling_layer=False).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.3)
    heads = [
        dict(name="sentiment", kind="classes", labels=["negative", "neutral", "positive"], pooling="mean", hidden=20,
             activation="tanh", temperature=1.5, abstain_threshold=0.483),
        dict(name="topic", kind="labels", labels=["news", "sport", "music", "other"], pooling="cls", hidden=24,
             activation="gelu"),
        dict(name="entities", kind="spans", labels=["O", "B-person", "I-person", "B-location", "I-location"],
             pooling="mean"),
    ]
    tensors = {name: value.contiguous() for name, value in model.state_dict().items()
               if name != "embeddings.position_ids"}
    for head in heads:
        inputs = 32
        if "hidden" in head:
            tensors[f"heads.{head['name']}.dense.weight"] = torch.randn(head["hidden"], 32) * 0.3
            tensors[f"heads.{head['name']}.dense.bias"] = torch.randn(head["hidden"]) * 0.3
            inputs = head["hidden"]
        tensors[f"heads.{head['name']}.output.weight"] = torch.randn(len(head["labels"]), inputs) * 0.5
        tensors[f"heads.{head['name']}.output.bias"] = torch.randn(len(head["labels"])) * 0.3
    save_file(tensors, f"{folder}/model.safetensors")
    with open(f"{folder}/config.json", "w") as file:
        json.dump(dict(format=1, name="tiny", version="1", encoder=sizes, heads=heads,
                       tokenizer=dict(kind="wordpiece", file="vocab.txt", lowercase=True, maximum_tokens=128),
                       mask=dict(default="rules")), file, indent=1)
    states, logits = [], []
    with torch.no_grad():
        for ids in uncased:
            hidden = model(input_ids=torch.tensor([ids])).last_hidden_state[0]
            states.append(hidden[:, :4].flatten().tolist() if len(ids) < 40 else hidden[-1].tolist())
            logits.append({head["name"]: head_logits(head, tensors, hidden) for head in heads[:2]}
                          | {"entities": head_logits(heads[2], tensors, hidden)[:50]})
    with open(f"{folder}/golden.json", "w", encoding="utf-8") as file:
        json.dump(dict(texts=TEXTS, uncased=uncased, cased=cased, states=rounded(states), logits=rounded(logits)), file,
                  ensure_ascii=True)


def head_logits(head, tensors, hidden):
    prefix = f"heads.{head['name']}."
    x = hidden if head["kind"] == "spans" else hidden[0] if head["pooling"] == "cls" else hidden.mean(0)
    if "hidden" in head:
        x = x @ tensors[prefix + "dense.weight"].T + tensors[prefix + "dense.bias"]
        x = torch.tanh(x) if head["activation"] == "tanh" else torch.nn.functional.gelu(x)
    return (x @ tensors[prefix + "output.weight"].T + tensors[prefix + "output.bias"]).flatten().tolist()


def rounded(value):
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, list):
        return [rounded(one) for one in value]
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    return value


def minilm(source, folder):
    _, ids = encode(f"{source}/vocab.txt", True)
    model = BertModel.from_pretrained(source, add_pooling_layer=False).eval()
    pooled, first = [], []
    with torch.no_grad():
        for row in ids:
            hidden = model(input_ids=torch.tensor([row])).last_hidden_state[0]
            pooled.append(hidden.mean(0)[::4].tolist())
            first.append(hidden[0, :32].tolist())
    with open(f"{folder}/minilm_golden.json", "w") as file:
        json.dump(dict(texts=TEXTS, ids=ids, pooled=rounded(pooled), first=rounded(first)), file)


tiny(sys.argv[1] + "/tiny")
if len(sys.argv) > 2:
    minilm(sys.argv[2], sys.argv[1])
