"""Writes gradients.json: a tiny BERT with two heads, its loss and all gradients by JAX's automatic differentiation in
double precision. Run: JAX_ENABLE_X64=1 python make_gradient_fixture.py   Needs jax; the tests do not."""
import json
import pathlib

import jax
import jax.numpy as jnp
import numpy as np

WIDTH, HEADS, INNER, LAYERS, VOCABULARY, POSITIONS = 8, 2, 12, 2, 11, 9
EPSILON = 1e-12
random = np.random.default_rng(3)


def shapes():
    yield "embeddings.word_embeddings.weight", (VOCABULARY, WIDTH)
    yield "embeddings.position_embeddings.weight", (POSITIONS, WIDTH)
    yield "embeddings.token_type_embeddings.weight", (2, WIDTH)
    yield "embeddings.LayerNorm.weight", (WIDTH,)
    yield "embeddings.LayerNorm.bias", (WIDTH,)
    for layer in range(LAYERS):
        p = f"encoder.layer.{layer}."
        for part in ("query", "key", "value"):
            yield p + f"attention.self.{part}.weight", (WIDTH, WIDTH)
            yield p + f"attention.self.{part}.bias", (WIDTH,)
        for name, out, inp in (("attention.output.dense", WIDTH, WIDTH), ("intermediate.dense", INNER, WIDTH),
                               ("output.dense", WIDTH, INNER)):
            yield p + name + ".weight", (out, inp)
            yield p + name + ".bias", (out,)
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            yield p + name + ".weight", (WIDTH,)
            yield p + name + ".bias", (WIDTH,)
    for name, outputs in (("mood", 3), ("names", 5)):
        yield f"heads.{name}.output.weight", (outputs, WIDTH)
        yield f"heads.{name}.output.bias", (outputs,)


def start(name, shape):
    values = random.normal(0, 0.3, shape)
    if name.endswith("LayerNorm.weight"):
        values += 1
    return np.float32(values).astype(np.float64)  # exactly what single precision can hold


def norm(x, p, name):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / jnp.sqrt(variance + EPSILON) * p[name + ".weight"] + p[name + ".bias"]


def linear(x, p, name):
    return x @ p[name + ".weight"].T + p[name + ".bias"]


def encode(p, ids, positions):
    x = p["embeddings.word_embeddings.weight"][ids] + p["embeddings.position_embeddings.weight"][positions]
    x = norm(x + p["embeddings.token_type_embeddings.weight"][0], p, "embeddings.LayerNorm")
    for layer in range(LAYERS):
        n = f"encoder.layer.{layer}."
        split = lambda part: linear(x, p, n + f"attention.self.{part}").reshape(len(ids), HEADS, -1).transpose(1, 0, 2)
        q, k, v = split("query"), split("key"), split("value")
        weights = jax.nn.softmax(q @ k.transpose(0, 2, 1) / np.sqrt(WIDTH // HEADS), axis=-1)
        context = (weights @ v).transpose(1, 0, 2).reshape(len(ids), WIDTH)
        x = norm(x + linear(context, p, n + "attention.output.dense"), p, n + "attention.output.LayerNorm")
        inner = jax.nn.gelu(linear(x, p, n + "intermediate.dense"), approximate=False)
        x = norm(x + linear(inner, p, n + "output.dense"), p, n + "output.LayerNorm")
    return x


# (ids, positions, mood label or None, [(token, tag), ...])
EXAMPLES = [([2, 5, 1, 9, 3], [0, 1, 2, 3, 4], 2, [(1, 1), (3, 0)]), ([2, 10, 3], [0, 4, 8], 0, []),
            ([2, 7, 7, 4, 3], [0, 1, 2, 3, 5], None, [(2, 4), (1, 3)])]


def loss(p):
    total = 0.0
    for ids, positions, mood, names in EXAMPLES:
        hidden = encode(p, jnp.array(ids), jnp.array(positions))
        if mood is not None:
            total -= jax.nn.log_softmax(linear(hidden.mean(0), p, "heads.mood.output"))[mood]
        for token, tag in names:
            total -= 0.5 * jax.nn.log_softmax(linear(hidden[token], p, "heads.names.output"))[tag]
    return total / len(EXAMPLES)


parameters = {name: start(name, shape) for name, shape in shapes()}
value, gradients = jax.value_and_grad(loss)({k: jnp.array(v) for k, v in parameters.items()})
flat = lambda table, digits: {k: [float(f"{x:.{digits}g}") for x in np.asarray(v).ravel()] for k, v in table.items()}
fixture = {"loss": float(value), "parameters": flat(parameters, 9), "gradients": flat(gradients, 7),
           "examples": [{"ids": i, "positions": q, "mood": m, "tokens": [t for t, _ in n], "tags": [g for _, g in n]}
                        for i, q, m, n in EXAMPLES]}
pathlib.Path(__file__).with_name("gradients.json").write_text(json.dumps(fixture) + "\n")
