"""Exports the encoder of a model folder to ONNX: input_ids and attention_mask in, last_hidden_state out."""
import json
import sys

import torch
from safetensors.torch import load_file
from transformers import BertConfig, BertModel


class HiddenStates(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state


def load(folder):
    with open(f"{folder}/config.json") as file:
        sizes = json.load(file)["encoder"]
    config = BertConfig(
        vocab_size=sizes["vocabulary"], hidden_size=sizes["width"], num_hidden_layers=sizes["layers"],
        num_attention_heads=sizes["heads"], intermediate_size=sizes["feed_forward"],
        max_position_embeddings=sizes["positions"], type_vocab_size=sizes["segments"],
        layer_norm_eps=sizes["norm_epsilon"], hidden_act="gelu", attn_implementation="eager")
    model = BertModel(config, add_pooling_layer=False).eval()
    tensors = {name: value for name, value in load_file(f"{folder}/model.safetensors").items()
               if name.startswith(("embeddings.", "encoder."))}
    missing = model.load_state_dict(tensors, strict=False).missing_keys
    if [name for name in missing if "position_ids" not in name]:
        raise SystemExit(f"missing weights: {missing}")
    return model


def export(folder, path):
    example = torch.ones(2, 8, dtype=torch.int64)
    axes = {0: "batch", 1: "length"}
    torch.onnx.export(
        HiddenStates(load(folder)), (example, example), path, input_names=["input_ids", "attention_mask"],
        output_names=["last_hidden_state"], opset_version=17, dynamo=False,
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "last_hidden_state": axes})


if __name__ == "__main__":
    export(sys.argv[1], sys.argv[2])
