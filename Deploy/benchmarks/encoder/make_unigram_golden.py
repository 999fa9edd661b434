"""Golden file of the Unigram tokenizer: what Hugging Face tokenizers answer, from a tokenizer.json of the XLM-R kind.

    python3 make_unigram_golden.py TOKENIZER_JSON FIXTURES_DIR
    python3 make_unigram_golden.py TOKENIZER_JSON --reference IDS.jsonl TEXTS.jsonl...

The first writes unigram/tokenizer.json (cut to the characters and pieces that the texts below use) and unigram/golden.json. The
second writes the ids of every text, for WINNOW_UNIGRAM_REFERENCE, and prints the speed on one core.
"""
import json, os, sys, time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
from tokenizers import Tokenizer

TEXTS = [
    "", " ", "a", "  two  spaces   here ", "Hello, world! Don't stop...", "tab\there\nline\r\nbreak",
    "Grüße aus Köln, naïve café", "cafe\u0301 A\u030a \uff21\u0301 n\u0303", "ＦＵＬＬ ｗｉｄｔｈ　１２３", "ﬁne ﬂow ½ ² ™ ㎏ ㍿",
    "Привет, как дела?", "Γειά σου Κόσμε", "مرحبا بالعالم، كيف الحال؟", "שלום עולם! abc שלום", "नमस्ते दुनिया", "สวัสดีชาวโลกวันนี้",
    "こんにちは世界。今日はﾊﾝｶｸ", "你好，世界！今天天气很好", "안녕하세요 세계", "안녕", "Xin chào thế giới", "ქართული ენა", "Հայերեն",
    "😀 🎉🎉🎉 ok", "👩‍👩‍👧‍👦 family 👍🏽 🇩🇪 ❤️ 1️⃣", "zero\u200bwidth\u200d \u200e\u200f \ufeff x\u00ady", "#hashtag @someone https://example.org/a?b=c",
    "<mas k> <", "▁already▁marked ▁ x", "\u00a0nbsp\u2003em\u3000wide", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "𓀀𓀁 unknown 𐎀",
    "\u0000nul \u0007bell", "end with space ", "\n\n", "𝓯𝓪𝓷𝓬𝔂 𝕥𝕖𝕩𝕥", "a\u0300\u0301\u0302\u0303 z\u0335a\u0335l\u0335", "ạ̈ ệ", "😂😂😂😂lol",
    "1.234,56 € – 50%", "ПРИВЕТ!!! ???", "٣٤٥ ۱۲۳ १२३", "কেমন আছো", "வணக்கம் உலகம்", "ຂອບໃຈ ខ្ញុំ မြန်မာ", "e\u200d\u0301x \u0301start",
]


def encode(tokenizer, text):
    return tokenizer.encode(text).ids


def fixture(path, folder):
    with open(path, encoding="utf-8") as file:
        description = json.load(file)
    tokenizer = Tokenizer.from_file(path)
    vocabulary = description["model"]["vocab"]
    texts = [text for text in TEXTS if not any(added["content"] in text for added in description["added_tokens"])]
    texts.append(" ".join(texts[8:20]))
    used = set(added["id"] for added in description["added_tokens"])
    for text in texts:
        used.update(encode(tokenizer, text))
    normal = set("".join(tokenizer.normalizer.normalize_str(text) for text in texts)) | {"▁"}
    used.update(index for index, (piece, _) in enumerate(vocabulary)
                if index < 3000 and set(piece) <= normal or len(piece) <= 2 and set(piece) <= normal)
    kept = sorted(used)
    place = {old: new for new, old in enumerate(kept)}
    description["model"]["vocab"] = [vocabulary[old] for old in kept]
    description["model"]["unk_id"] = place[description["model"]["unk_id"]]
    for added in description["added_tokens"]:
        added["id"] = place[added["id"]]
    for special in description["post_processor"]["special_tokens"].values():
        special["ids"] = [place[old] for old in special["ids"]]
    folder = os.path.join(folder, "unigram")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "tokenizer.json"), "w", encoding="utf-8") as file:
        json.dump(description, file, ensure_ascii=False, indent=0)
    small = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    with open(os.path.join(folder, "golden.json"), "w", encoding="utf-8") as file:
        json.dump({"texts": texts, "ids": [encode(small, text) for text in texts]}, file, indent=0)


def reference(path, out, files):
    tokenizer = Tokenizer.from_file(path)
    texts = [json.loads(line)["text"] for name in files for line in open(name, encoding="utf-8")]
    start = time.process_time()
    ids = [encode(tokenizer, text) for text in texts]
    print(f"{len(texts) / (time.process_time() - start):.0f} texts for a second of processor time")
    with open(out, "w", encoding="utf-8") as file:
        for text, row in zip(texts, ids):
            file.write(json.dumps({"text": text, "ids": row}) + "\n")


if sys.argv[2] == "--reference":
    reference(sys.argv[1], sys.argv[3], sys.argv[4:])
else:
    fixture(sys.argv[1], sys.argv[2])
