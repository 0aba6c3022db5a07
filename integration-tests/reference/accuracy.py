"""Accuracy of a running server on fresh held-out clips, next to the reference's on the same mp4 files.

    python3 accuracy.py                      # asks the server at http://127.0.0.1:8000 and the reference
    python3 accuracy.py --reference-only     # needs no server

Exits with 1 when the two accuracies differ by more than one point.
"""
import argparse
import base64
import json
import math
import sys
import time
import urllib.error
import urllib.request

import numpy as np

import mp4
from clips import KINDS, SHAPES, checkpoint_argument, draw
from qwen25vl_reference import MAX_NEW_TOKENS, Reference

URL = "http://127.0.0.1:8000/v2/models/moving-digits/generate"
LARGEST_GAP = 0.01  # between two shares of right answers


def choose(rng, asked, turn):
    """One of the questions about a clip; kinds take turns (every clip can be asked each kind)."""
    kind = KINDS[turn % len(KINDS)]
    candidates = [question for question in asked if question[0] == kind]
    return candidates[rng.integers(len(candidates))]


def make_cases(clips, seed, all_questions):
    """Yields (mp4 bytes, kind, question, right answer); shapes change every few clips, so kinds and shapes mix."""
    rng = np.random.default_rng(seed)
    for i in range(clips):
        clip = draw(rng, SHAPES[i // len(KINDS) % len(SHAPES)])
        data = mp4.encode(clip.frames)
        for case in clip.questions() if all_questions else [choose(rng, clip.questions(), i)]:
            yield data, *case


def ask_server(url, data, question):
    """The server's greedy answer, through its generate endpoint."""
    body = {
        "text_input": question,
        "video": base64.b64encode(data).decode(),
        "parameters": {"max_tokens": MAX_NEW_TOKENS, "temperature": 0},
        "exclude_input_in_output": True,
    }
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            return json.load(response)["text_output"]
    except urllib.error.HTTPError as error:
        sys.exit(f"asking {url} {question!r}: HTTP {error.code}: {error.read().decode(errors='replace')}")
    except urllib.error.URLError as error:
        sys.exit(f"asking {url}: {error.reason}; is the server running? (--reference-only needs none)")


def interval(right, total):
    """Wilson's 95 percent interval of a share."""
    z, share = 1.96, right / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return middle - half, middle + half


def print_accuracy(name, kinds, rights):
    """Prints one line a kind and one for all.

    :return: the share of right answers
    """
    print(f"\n{name}")
    for kind in (*KINDS, "all"):
        marks = [mark for k, mark in zip(kinds, rights) if kind in (k, "all")]
        if marks:
            right, total = sum(marks), len(marks)
            low, high = interval(right, total)
            print(f"  {kind:10} {right / total:.3f}  ({right} of {total}, 95% {low:.3f} to {high:.3f})")
    return sum(rights) / len(rights)


def collect(cases, answerers):
    """Puts every case to every answerer, a function from (mp4 bytes, question) to its answer.

    :return: the kind of each case; by answerer, whether it was right in each; (kind, question, right answer, answer by
        answerer) of each case in which answers differ; seconds by answerer
    """
    kinds, differing = [], []
    rights, seconds = {name: [] for name in answerers}, dict.fromkeys(answerers, 0.0)
    for data, kind, question, right in cases:
        answers = {}
        for name, ask in answerers.items():
            begin = time.monotonic()
            answers[name] = ask(data, question)
            seconds[name] += time.monotonic() - begin
            rights[name].append(answers[name] == right)
        kinds.append(kind)
        if len(set(answers.values())) > 1:
            differing.append((kind, question, right, answers))
        if len(kinds) % 20 == 0:
            print(f"{len(kinds)} questions asked", file=sys.stderr, flush=True)
    return kinds, rights, differing, seconds


def report(kinds, rights, differing, seconds):
    """Prints what was found.

    :return: the largest difference between two accuracies
    """
    shares = [print_accuracy(f"{name}, {seconds[name]:.0f} s", kinds, rights[name]) for name in rights]
    if len(shares) > 1:
        print(f"\n{len(differing)} of {len(kinds)} answers differ")
        for kind, question, right, answers in differing:
            print(f"  {kind}: {question} right: {right!r}, {', '.join(f'{n}: {a!r}' for n, a in answers.items())}")
    return max(shares) - min(shares)


def main():
    parser = argparse.ArgumentParser(description="Compares a server's accuracy with the reference's.")
    parser.add_argument("--url", default=URL, help="default: %(default)s")
    parser.add_argument("--clips", type=int, default=200, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=2026, help="default: %(default)s")
    parser.add_argument("--all-questions", action="store_true", help="ask every question of each clip, not one")
    parser.add_argument("--reference-only", action="store_true", help="ask no server")
    checkpoint_argument(parser)
    args = parser.parse_args()
    answerers = {} if args.reference_only else {"server": lambda data, question: ask_server(args.url, data, question)}
    reference = Reference(args.checkpoint)
    answerers["reference"] = lambda data, question: reference.answer(data, question).text
    gap = report(*collect(make_cases(args.clips, args.seed, args.all_questions), answerers))
    if gap > LARGEST_GAP:
        sys.exit(f"the accuracies differ by {100 * gap:.1f} points; at most {100 * LARGEST_GAP:.0f} is allowed")


if __name__ == "__main__":
    main()
