#!/usr/bin/env python3
"""Writes texts with the ids of Hugging Face tokenizers, for RealDataTests.

Usage: tokenizer_reference.py VOCAB.txt OUTPUT.jsonl POSTS.jsonl[.gz]...   then
WINNOW_TOKENIZER_REFERENCE=OUTPUT.jsonl WINNOW_MINILM=FOLDER swift test -c release --filter RealDataTests
"""
import gzip
import json
import sys

from tokenizers import BertWordPieceTokenizer

tokenizer = BertWordPieceTokenizer(sys.argv[1], lowercase=True)
tokenizer.enable_truncation(128)
with open(sys.argv[2], "w", encoding="utf-8") as output:
    for path in sys.argv[3:]:
        opened = gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8")
        with opened as file:
            texts = [json.loads(line)["text"] for line in file]
        for text, encoding in zip(texts, tokenizer.encode_batch(texts)):
            output.write(json.dumps({"text": text, "ids": encoding.ids}, ensure_ascii=False) + "\n")
