"""Writes metrics.json: random answers and what scikit-learn and seqeval say of them. Run: python make_metric_fixtures.py
Needs scikit-learn and seqeval; the tests need neither."""
import json
import pathlib
import random
import warnings

from seqeval.metrics import classification_report as span_report
from seqeval.metrics import f1_score as span_f1
from seqeval.metrics import precision_score as span_precision
from seqeval.metrics import recall_score as span_recall
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support, recall_score

warnings.filterwarnings("ignore")
random.seed(11)
labels = ["low", "even", "high", "unused"]
truth = [random.choice([0, 0, 1, 2]) for _ in range(200)]
given = [t if random.random() < 0.6 else random.choice([0, 1, 2]) for t in truth]
confidence = [round(random.uniform(0.3, 1.0), 4) for _ in truth]
confidence[0], confidence[1] = 1.0, 0.6  # bin edges

# Expected calibration error, 15 bins (lower, upper], written out on its own.
ece = 0.0
for number in range(15):
    members = [i for i, c in enumerate(confidence) if number < round(c * 15, 9) <= number + 1]
    if members:
        right = sum(truth[i] == given[i] for i in members) / len(members)
        ece += len(members) / len(truth) * abs(right - sum(confidence[i] for i in members) / len(members))

precision, recall, f1, support = precision_recall_fscore_support(truth, given, labels=[0, 1, 2])
classes = {
    "labels": labels, "truth": truth, "given": given, "confidence": confidence,
    "metrics": {"accuracy": accuracy_score(truth, given), "macro_f1": f1_score(truth, given, average="macro"),
                "macro_recall": recall_score(truth, given, average="macro"), "ece": ece},
    "per_label": {labels[i]: [precision[i], recall[i], f1[i], int(support[i])] for i in range(3)},
}

tags = ["O", "O", "O", "B-a", "I-a", "B-b", "I-b", "I-c"]
rows_truth, rows_given = [], []
for _ in range(120):
    row = [random.choice(tags) for _ in range(random.randint(1, 9))]
    rows_truth.append(row)
    rows_given.append([t if random.random() < 0.75 else random.choice(tags) for t in row])
report = span_report(rows_truth, rows_given, output_dict=True)
spans = {
    "truth": rows_truth, "given": rows_given,
    "metrics": {"entity_f1": span_f1(rows_truth, rows_given), "entity_precision": span_precision(rows_truth, rows_given),
                "entity_recall": span_recall(rows_truth, rows_given), "macro_f1": report["macro avg"]["f1-score"]},
    "per_label": {t: [report[t]["precision"], report[t]["recall"], report[t]["f1-score"], int(report[t]["support"])]
                  for t in "abc"},
}
path = pathlib.Path(__file__).with_name("metrics.json")
path.write_text(json.dumps({"classes": classes, "spans": spans}) + "\n")
