"""Makes a folder that `winnow train --start-from` accepts out of multilingual-e5-small: tokenizer and embedding cut to what
a corpus needs, and the chosen layers.

    python3 make_multilingual_start.py TOKENIZER_JSON WEIGHTS_DIR OUT_DIR --layers 1,3,5,7,9,11 --keep 60000 TEXTS.jsonl...

TOKENIZER_JSON is Hugging Face's, WEIGHTS_DIR holds model.safetensors and config.json of a BertModel. Needs numpy, safetensors
and tokenizers. Kept: the specials, every piece of one character (with and without the mark of space), every piece with an
emoji, then the pieces that the corpus uses most. A word of a script that the corpus lacks so falls apart into characters.
"""
import argparse, collections, json, os, unicodedata
import numpy as np
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

arguments = argparse.ArgumentParser()
arguments.add_argument("tokenizer")
arguments.add_argument("weights")
arguments.add_argument("out")
arguments.add_argument("texts", nargs="+")
arguments.add_argument("--layers", default="")
arguments.add_argument("--keep", type=int, default=60_000)
options = arguments.parse_args()

SPACE = "\u2581"
tokenizer = Tokenizer.from_file(options.tokenizer)
counts = collections.Counter()
texts = []
for path in options.texts:
    with open(path, encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            texts.append(row["text"] if "text" in row else " ".join(row["tokens"]))
for start in range(0, len(texts), 4096):
    for encoding in tokenizer.encode_batch(texts[start:start + 4096]):
        counts.update(encoding.ids)

with open(options.tokenizer, encoding="utf-8") as file:
    description = json.load(file)
vocabulary = description["model"]["vocab"]
specials = {added["id"] for added in description["added_tokens"]}


def is_kept_always(identifier, piece):
    content = piece.removeprefix(SPACE)
    return (identifier in specials or len(content) <= 1
            or any(unicodedata.category(character) in ("So", "Sk") and ord(character) > 0x2000 for character in content))


kept = [is_kept_always(index, piece) for index, (piece, _) in enumerate(vocabulary)]
room = options.keep - sum(kept)
for identifier, _ in counts.most_common():
    if room <= 0:
        break
    if not kept[identifier]:
        kept[identifier] = True
        room -= 1
ids = [index for index, keeps in enumerate(kept) if keeps]
place = {old: new for new, old in enumerate(ids)}
read = sum(counts.values())
print(f"{len(texts)} texts, {len(counts)} pieces in use, {len(ids)} kept, "
      f"{sum(count for old, count in counts.items() if old in place) / read:.4%} of the tokens read keep their piece")

description["model"]["vocab"] = [vocabulary[old] for old in ids]
description["model"]["unk_id"] = place[description["model"]["unk_id"]]
for added in description["added_tokens"]:
    added["id"] = place[added["id"]]
for special in description["post_processor"]["special_tokens"].values():
    special["ids"] = [place[old] for old in special["ids"]]

with open(os.path.join(options.weights, "config.json")) as file:
    configuration = json.load(file)
weights = load_file(os.path.join(options.weights, "model.safetensors"))
layers = [int(layer) for layer in options.layers.split(",")] if options.layers else list(
    range(configuration["num_hidden_layers"]))
prefix = "encoder.layer."
chosen = {}
for name, value in weights.items():
    if name == "embeddings.word_embeddings.weight":
        chosen[name] = np.ascontiguousarray(value[ids])
    elif name.startswith(prefix):
        layer, rest = name[len(prefix):].split(".", 1)
        if int(layer) in layers:
            chosen[f"{prefix}{layers.index(int(layer))}.{rest}"] = value
    else:
        chosen[name] = value
configuration["vocab_size"] = len(ids)
configuration["num_hidden_layers"] = len(layers)
configuration["pad_token_id"] = place[configuration["pad_token_id"]]
configuration["source_layers"] = layers

os.makedirs(options.out, exist_ok=True)
save_file(chosen, os.path.join(options.out, "model.safetensors"), metadata={"format": "pt"})
with open(os.path.join(options.out, "config.json"), "w") as file:
    json.dump(configuration, file, indent=1)
with open(os.path.join(options.out, "tokenizer.json"), "w", encoding="utf-8") as file:
    json.dump(description, file, ensure_ascii=False)
