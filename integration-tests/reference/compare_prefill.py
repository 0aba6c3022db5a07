"""Prefill of the backend and of transformers, in turn on one machine, as a ratio and as a share of the matrix product's speed.

    python3 make_random_checkpoint.py /tmp/random-0.5b
    mvn -q package -DskipTests          # at the project's root
    python3 compare_prefill.py /tmp/random-0.5b

Both compute in float32 with as many threads as there are cores; both return the logits of the last token alone. They take
turns, so that a machine that slows down slows both.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from prefill_benchmark import prefill_gflop
from qwen25vl_reference import read_config

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CLASS_PATH = f"{ROOT}/backend/target/backends/purekv/*:{ROOT}/integration-tests/target/test-classes"


def ours(checkpoint, tokens, runs):
    """The backend's (prefill seconds of each run, best matrix GFLOP/s)."""
    command = ["java", "-cp", CLASS_PATH, "dev.purekv.benchmark.PrefillBenchmark", checkpoint, str(tokens), str(runs)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    taken = json.loads(output.strip().splitlines()[-1])
    return taken["prefillSeconds"], 2e-9 * taken["matrixSide"]**3 / min(taken["matrixSeconds"])


def reference(checkpoint, tokens, runs):
    """The same of transformers."""
    command = [sys.executable, str(HERE / "prefill_benchmark.py"), checkpoint, "--tokens", str(tokens), "--runs", str(runs),
               "--threads", str(os.cpu_count())]
    taken = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout)
    return taken["runs"], taken["sgemmPeakGflops"]


def main():
    parser = argparse.ArgumentParser(description="Compares prefill with the reference; prints a table.")
    parser.add_argument("checkpoint", help="a Qwen2.5-VL checkpoint directory")
    parser.add_argument("--tokens", type=int, default=2048, help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each side, default: %(default)s")
    parser.add_argument("--runs", type=int, default=3, help="prefills a turn, default: %(default)s")
    args = parser.parse_args()
    gflop = prefill_gflop(read_config(args.checkpoint).text_config, args.tokens)
    seconds, peaks = {ours: [], reference: []}, {ours: [], reference: []}
    for turn in range(args.rounds):
        for side in (ours, reference):
            taken, peak = side(args.checkpoint, args.tokens, args.runs)
            seconds[side] += taken
            peaks[side].append(peak)
            print(f"turn {turn + 1} of {args.rounds}, {side.__name__}: {[round(s, 2) for s in taken]} s", file=sys.stderr)
    for side in (ours, reference):
        median, peak = statistics.median(seconds[side]), max(peaks[side])
        print(f"{side.__name__:9}  {median:6.2f} s  {gflop / median:6.1f} GFLOP/s  "
              f"{gflop / median / peak:5.1%} of the matrix product's {peak:.1f}")
    print(f"ratio: {statistics.median(seconds[reference]) / statistics.median(seconds[ours]):.2f} times as fast as transformers")


if __name__ == "__main__":
    main()
