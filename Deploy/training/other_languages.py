#!/usr/bin/env python3
"""Draws the posts that are not English, for a teacher that knows their languages to label:

    cat DATA/unlabelled/mastodon.jsonl DATA/unlabelled/youtube_comments.jsonl > posts.jsonl
    winnow enrich --model multilingual-fast --format generic < posts.jsonl > enriched.jsonl
    python3 Deploy/training/other_languages.py posts.jsonl enriched.jsonl > other.jsonl

Of a language at most 2,500; the shortest posts, whose language is a guess, are left out.
"""
import collections
import json
import random
import sys

MOST = 2_500
SEED = 20261129


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    rows = []
    with open(sys.argv[1], encoding="utf-8") as posts, open(sys.argv[2], encoding="utf-8") as enriched:
        for line, answer in zip(posts, enriched, strict=True):
            post, language = json.loads(line), json.loads(answer).get("language")
            text = post["text"]
            if language not in (None, "en", "und") and (len(text.split()) >= 4 or len(text) >= 25):
                rows.append((language, post["id"], text))
    random.seed(SEED)
    random.shuffle(rows)
    count = collections.Counter()
    for language, identifier, text in rows:
        if count[language] < MOST:
            count[language] += 1
            print(json.dumps({"id": identifier, "text": text}, ensure_ascii=False))
    print(f"{sum(count.values())} posts: {dict(count.most_common(12))}", file=sys.stderr)


if __name__ == "__main__":
    main()
