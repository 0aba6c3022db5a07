"""Writes the sample clips of the demonstration model and the questions about them.

    python3 make_samples.py

Draws held-out clips from a fixed seed and keeps the first of each wanted shape on which the reference answers every
question rightly: samples are there to show a working set-up, not to measure the model (accuracy.py does that).
"""
import argparse
import json
from pathlib import Path

import numpy as np

import mp4
from clips import SAMPLES, SHAPES, checkpoint_argument, draw
from qwen25vl_reference import Reference

SEED = 20
WANTED = (3, 3, 2)  # clips of each of SHAPES


def answers_all(reference, data, asked):
    """Whether the reference answers every question about a clip rightly."""
    video = reference.read_video(data)
    return all(reference.answer_video(video, question).text == answer for _, question, answer in asked)


def main():
    parser = argparse.ArgumentParser(description="Writes the sample clips and questions.json.")
    checkpoint_argument(parser)
    parser.add_argument("--out", type=Path, default=SAMPLES, help="default: %(default)s")
    args = parser.parse_args()
    reference, rng = Reference(args.checkpoint), np.random.default_rng(SEED)
    args.out.mkdir(parents=True, exist_ok=True)
    drawn, questions = 0, []
    for shape, wanted in zip(SHAPES, WANTED):
        kept = 0
        while kept < wanted:
            clip, drawn = draw(rng, shape), drawn + 1
            data = mp4.encode(clip.frames)
            if not answers_all(reference, data, clip.questions()):
                continue
            kept += 1
            name = f"digits-{shape[0]}x{shape[1]}-{kept}.mp4"
            (args.out / name).write_bytes(data)
            questions += [dict(clip=name, kind=k, question=q, answer=a) for k, q, a in clip.questions()]
            print(f"{name}: {len(data)} bytes, {clip.description()}", flush=True)
    (args.out / "questions.json").write_text("[\n" + ",\n".join(map(json.dumps, questions)) + "\n]\n")
    print(f"{sum(WANTED)} of {drawn} clips kept, {len(questions)} questions")


if __name__ == "__main__":
    main()
