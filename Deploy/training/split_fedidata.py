"""Cuts the FediData posts with their answers by GPT-4.1-mini into files that recipes name: one of topics and one of sentiment,
a tenth of the posts (by a hash of the text) held back to measure agreement with the teacher on. Of the training posts those that
look English are written a second time, for students whose vocabulary is English.

    python3 split_fedidata.py DATA/teacher_fedidata_gpt41mini

Reads train.jsonl there, writes topic16.train.jsonl, topic16.train.english.jsonl, topic16.heldout.jsonl, and the same three of
sentiment. Repeated texts and rows without a parsed answer are left out.
"""
import collections, hashlib, json, os, re, sys

# No other language that the posts are written in uses these as often; the data set itself does not say a post's language.
ENGLISH = set("the of and to that for with this are you it's from have they what your his her been my our about their would".split())


def is_english(text):
    words = re.findall(r"[^\W\d_]+(?:'[a-z]+)?", re.sub(r"https?://\S+|[@#]\S+", " ", text.lower()))
    return len(words) >= 3 and sum(word in ENGLISH for word in words) >= 0.12 * len(words)


folder = sys.argv[1]
counts = collections.Counter()
outputs = {(kind, part): open(os.path.join(folder, f"{name}.{part}.jsonl"), "w", encoding="utf-8")
           for kind, name in (("topic", "topic16"), ("sentiment", "sentiment")) for part in ("train", "train.english", "heldout")}
seen = set()
with open(os.path.join(folder, "train.jsonl"), encoding="utf-8") as rows:
    for line in rows:
        row = json.loads(line)
        text = " ".join(row["text"].lower().split())
        if not text or text in seen:
            continue
        seen.add(text)
        part = "heldout" if int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 10 == 0 else "train"
        files = ["train", "train.english"] if part == "train" and is_english(text) else [part]
        for kind in ("topic", "sentiment"):
            if row[kind]:
                for file in files:
                    outputs[kind, file].write(json.dumps(
                        {"id": row["id"], "text": row["text"], "label": row[kind]}, ensure_ascii=False) + "\n")
                    counts[kind, file] += 1
print(*(f"{kind} {part}: {count}" for (kind, part), count in sorted(counts.items())), sep="\n")
