"""Cuts the FediData posts with their answers by GPT-4.1-mini into files that recipes name: one of topics and one of sentiment,
a tenth of the posts (by a hash of the text) held back to measure agreement with the teacher on.

    python3 split_fedidata.py DATA/teacher_fedidata_gpt41mini

Reads train.jsonl there, writes topic16.train.jsonl, topic16.heldout.jsonl, sentiment.train.jsonl and sentiment.heldout.jsonl.
Repeated texts and rows without a parsed answer are left out.
"""
import collections, hashlib, json, os, sys

folder = sys.argv[1]
counts = collections.Counter()
outputs = {(kind, part): open(os.path.join(folder, f"{name}.{part}.jsonl"), "w", encoding="utf-8")
           for kind, name in (("topic", "topic16"), ("sentiment", "sentiment")) for part in ("train", "heldout")}
seen = set()
with open(os.path.join(folder, "train.jsonl"), encoding="utf-8") as rows:
    for line in rows:
        row = json.loads(line)
        text = " ".join(row["text"].lower().split())
        if not text or text in seen:
            continue
        seen.add(text)
        part = "heldout" if int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 10 == 0 else "train"
        for kind in ("topic", "sentiment"):
            if row[kind]:
                outputs[kind, part].write(json.dumps(
                    {"id": row["id"], "text": row["text"], "label": row[kind]}, ensure_ascii=False) + "\n")
                counts[kind, part] += 1
print(*(f"{kind} {part}: {count}" for (kind, part), count in sorted(counts.items())), sep="\n")
