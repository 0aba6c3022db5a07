"""Prefill time of a decoder in transformers on the CPU, and the speed of a plain matrix product beside it, as JSON.

    python3 make_random_checkpoint.py /tmp/random-0.5b
    python3 prefill_benchmark.py /tmp/random-0.5b

The baseline of the servers' own prefill: float32, fused attention, logits of the last token only. The matrix product
tells what the machine can do at most; both are taken in one run because other load moves both.
"""
import argparse
import json
import platform
import statistics
import time
from importlib.metadata import version

import torch

from qwen25vl_reference import load_model, read_config

SQUARES = (1024, 2048, 3072)
SGEMM_RUNS = 5


def seconds(runs, work):
    """Wall-clock seconds of each of `runs` calls, after one that warms up."""
    work()
    taken = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return taken


def sgemm_gflops():
    """Best speed of a float32 product of two square matrices, by side."""
    speeds = {}
    for side in SQUARES:
        a, b = torch.randn(side, side), torch.randn(side, side)
        speeds[side] = round(2e-9 * side**3 / min(seconds(SGEMM_RUNS, lambda: a @ b)), 1)
    return speeds


def prefill_gflop(text, tokens):
    """Work of one prefill: linear layers of every token, causal attention, logits of one token."""
    head_width = text.hidden_size // text.num_attention_heads
    attention = text.hidden_size * (2 * text.hidden_size + 2 * text.num_key_value_heads * head_width)
    linear = 2 * tokens * text.num_hidden_layers * (attention + 3 * text.hidden_size * text.intermediate_size)
    causal = 4 * text.num_hidden_layers * text.hidden_size * tokens * (tokens + 1) / 2
    return 1e-9 * (linear + causal + 2 * text.hidden_size * text.vocab_size)


def main():
    parser = argparse.ArgumentParser(description="Measures prefill in transformers; prints JSON.")
    parser.add_argument("checkpoint", help="a Qwen2.5-VL checkpoint directory")
    parser.add_argument("--tokens", type=int, default=2048, help="default: %(default)s")
    parser.add_argument("--threads", type=int, default=2, help="default: %(default)s")
    parser.add_argument("--runs", type=int, default=5, help="default: %(default)s")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    text = read_config(args.checkpoint).text_config
    model = load_model(args.checkpoint)
    # Ids from the lowest end of the vocabulary: text alone, no placeholder of an image or a video.
    ids = torch.randint(0, 256, (1, args.tokens), generator=torch.Generator().manual_seed(0))
    positions = torch.arange(args.tokens).expand(3, 1, -1)
    with torch.inference_mode():
        taken = seconds(args.runs, lambda: model(
            input_ids=ids, position_ids=positions, use_cache=True, logits_to_keep=1))
        products = sgemm_gflops()
    gflop, median = prefill_gflop(text, args.tokens), statistics.median(taken)
    print(json.dumps(dict(
        tokens=args.tokens, threads=args.threads, dtype="float32", attention="sdpa", prefillSeconds=round(median, 3),
        runs=[round(s, 3) for s in taken], gflop=round(gflop, 1), gflops=round(gflop / median, 1), sgemmGflops=products,
        sgemmPeakGflops=max(products.values()), torch=version("torch"), transformers=version("transformers"),
        machine=platform.machine(), cpuCapability=torch.backends.cpu.get_cpu_capability()), indent=2))


if __name__ == "__main__":
    main()
