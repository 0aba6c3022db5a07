"""Writes fresh held-out clips and every question about them: a set on which methods of compression can be compared.

    python3 make_questions.py OUT                       # 40 clips of 32 frames, 168x168 pixels
    python3 make_questions.py OUT --clips 100 --seed 5

Unlike make_samples.py it keeps clips that the model answers wrongly. OUT gets the mp4 files and
questions.jsonl, a line of JSON a question: clip, kind, question, answer.
"""
import argparse
import json
from pathlib import Path

import numpy as np

import mp4
from clips import draw


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--shape", type=int, nargs=2, default=(32, 168), metavar=("FRAMES", "PIXELS"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(args.seed)
    questions = []
    for i in range(args.clips):
        clip = draw(rng, tuple(args.shape))
        name = f"clip-{i + 1}.mp4"
        (args.out / name).write_bytes(mp4.encode(clip.frames))
        questions += [dict(clip=name, kind=k, question=q, answer=a) for k, q, a in clip.questions()]
    (args.out / "questions.jsonl").write_text("".join(json.dumps(each) + "\n" for each in questions))
    print(f"{args.clips} clips, {len(questions)} questions in {args.out}")


if __name__ == "__main__":
    main()
