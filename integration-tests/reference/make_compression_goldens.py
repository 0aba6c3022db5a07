"""Makes backend/src/test/resources/golden/compression/choices.json: which entries other implementations keep.

Requires: torch==2.15.0 transformers==4.57.6 numpy==2.3.5 kvpress==0.5.5.
Run: python3 integration-tests/reference/make_compression_goldens.py

SnapKV is kvpress's own code, given the attention of one layer. H2O and PyramidKV are the formulas of their original code,
written here in numpy: kvpress's ObservedAttentionPress divides the sums and is not H2O, and its PyramidKVPress counts the
window inside each layer's share, where the original adds it. Numbers are multiples of 1/64, exact in JSON; the script
refuses a choice that rounding could turn.
"""
import json
from pathlib import Path
from types import SimpleNamespace

import kvpress
import numpy as np
import torch
import transformers

OUT = Path(__file__).resolve().parents[2] / "backend/src/test/resources/golden/compression/choices.json"
HEADS, GROUPS, WIDTH = 4, 2, 8
CLEAR = 1e-6  # scores of the last kept and the first dropped entry differ by more: float32 errs by less than a tenth of it


def layer(rng, tokens):
    """Rotated queries (N, H, D) and keys (G, N, D)."""
    def draw(*shape):
        return np.round(rng.normal(size=shape) * 64) / 64
    return draw(tokens, HEADS, WIDTH), draw(GROUPS, tokens, WIDTH)


def attention(queries, keys):
    """Causal softmax attention (H, N, N), in float64."""
    repeated = np.repeat(keys, HEADS // GROUPS, axis=0)
    scores = np.einsum("ihd,hjd->hij", queries, repeated) / np.sqrt(WIDTH)
    scores = np.where(np.tril(np.ones(scores.shape[1:], bool)), scores, -np.inf)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


def best(scores, count):
    """Positions of the highest scores of each head (G, count), ascending."""
    order = np.argsort(-scores, axis=-1, kind="stable")
    ranked = np.take_along_axis(scores, order, -1)
    if count < scores.shape[-1]:
        gap = (ranked[:, count - 1] - ranked[:, count]).min()
        assert gap > CLEAR, f"a choice hangs on rounding: gap {gap}"
    return np.sort(order[:, :count], -1)


def snapkv(weights, window, keep):
    """What kvpress's SnapKVPress keeps."""
    tokens = weights.shape[-1]
    module = SimpleNamespace(config=SimpleNamespace(num_attention_heads=HEADS))
    press = kvpress.SnapKVPress(window_size=window, kernel_size=5)
    shape = (1, GROUPS, tokens, WIDTH)
    scores = press.score(
        module, torch.zeros(1, tokens, 1), torch.zeros(shape), torch.zeros(shape), torch.tensor(weights)[None], {}
    )
    # The window shares one score above all others, which leaves nothing to choose there.
    kept = best(scores[0].numpy()[:, : tokens - window], keep - window)
    return np.concatenate([kept, np.tile(np.arange(tokens - window, tokens), (GROUPS, 1))], -1)


def h2o(weights, recent, keep):
    """hh_size heaviest entries before the recent part, then the recent part (modify_llama.py)."""
    tokens = weights.shape[-1]
    sums = weights.sum(1).reshape(GROUPS, HEADS // GROUPS, tokens).mean(1)
    kept = best(sums[:, : tokens - recent], keep - recent)
    return np.concatenate([kept, np.tile(np.arange(tokens - recent, tokens), (GROUPS, 1))], -1)


def pyramid(capacity, window, tokens, layers, beta=20):
    """Entries per layer, window included (pyramidkv_utils.py, update_kv)."""
    smallest = (capacity - window) // beta
    largest = (capacity - window) * 2 - smallest
    if largest >= tokens - window:
        largest = tokens - window
        smallest = (capacity - window) * 2 - largest
    steps = (largest - smallest) // (layers - 1)
    return [largest - i * steps + window for i in range(layers)]


def main():
    rng = np.random.default_rng(11)
    cases = []
    for tokens, window, keep in [(40, 4, 12), (70, 8, 20), (150, 16, 40)]:
        queries, keys = layer(rng, tokens)
        weights = attention(queries, keys)
        cases.append(dict(
            tokens=tokens, window=window, keep=keep, queries=queries.ravel().tolist(), keys=keys.ravel().tolist(),
            snapkv=snapkv(weights, window, keep).tolist(), h2o=h2o(weights, window, keep).tolist(),
        ))
    budgets = []
    # Chosen so that a twentieth and the step are whole: elsewhere the original keeps more or less than the ratio says.
    for capacity, window, tokens, layers in [(28, 8, 200, 3), (52, 12, 400, 5), (52, 12, 90, 3), (120, 20, 180, 11)]:
        per_layer = pyramid(capacity, window, tokens, layers)
        assert sum(per_layer) == capacity * layers, "the original's rounding shows"
        budgets.append(dict(mean=capacity, floor=window, tokens=tokens, layers=layers, kept=per_layer))
    versions = dict(kvpress="0.5.5", torch=torch.__version__, transformers=transformers.__version__, numpy=np.__version__)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(dict(versions=versions, cases=cases, budgets=budgets), separators=(",", ":")) + "\n")
    print(f"{OUT.name}: {len(cases)} layers, {len(budgets)} budgets, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
