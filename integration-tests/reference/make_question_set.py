"""Writes a set of held-out clips and every question about them, for comparing compression methods.

    python3 make_question_set.py OUT

The longest shape of the demonstration (32 frames of 168x168 pixels, 576 visual tokens), because short prompts leave
little to cut. `OUT/questions.jsonl` has a line of JSON a question: clip, kind, question, answer.
"""
import argparse
import json
from pathlib import Path

import numpy as np

import mp4
from clips import SHAPES, draw


def main():
    parser = argparse.ArgumentParser(description="Writes clips and questions.jsonl.")
    parser.add_argument("out", type=Path, help="folder to write to")
    parser.add_argument("--clips", type=int, default=40, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=77, help="default: %(default)s")
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    lines = []
    for number in range(1, args.clips + 1):
        clip = draw(rng, SHAPES[-1])
        name = f"clip-{number:03d}.mp4"
        (args.out / name).write_bytes(mp4.encode(clip.frames))
        lines += [json.dumps(dict(clip=name, kind=k, question=q, answer=a)) for k, q, a in clip.questions()]
    (args.out / "questions.jsonl").write_text("\n".join(lines) + "\n")
    print(f"{args.clips} clips, {len(lines)} questions")


if __name__ == "__main__":
    main()
