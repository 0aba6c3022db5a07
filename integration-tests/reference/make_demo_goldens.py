"""Writes the demonstration model's golden answers: what the reference makes of clips and questions, step by step.

    python3 make_demo_goldens.py

Writes integration-tests/src/test/resources/demo/: clips, and goldens.json with one case a line. A case names its clip
(a path from the root of the project), the right answer (which the reference may miss) and what the reference saw and
said: the frames taken of the file, the hash of their pixels, the grid, the prompt's token ids, the greedy answer's
token ids and text, and the smallest distance between the best two logits at any of its steps. A hash that differs
means that the video was decoded or converted to RGB otherwise, and that logits cannot agree closely.
"""
import argparse
import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path

import av
import numpy as np

import mp4
from clips import ROOT, SAMPLES, SHAPES, checkpoint_argument, draw
from qwen25vl_reference import Reference

SEED = 41
CLIPS_PER_SHAPE = 7
LOGITS_EVERY = 6  # cases
DEMO = ROOT / "integration-tests" / "src" / "test" / "resources" / "demo"


def odd_clips(rng):
    """Yields (name, clip, mp4 bytes) of clips whose frames must be sampled, or resized, or are odd in number."""
    clip = draw(rng, (32, 112))
    yield "four-a-second", clip, mp4.encode(clip.frames, fps=4)
    clip = draw(rng, (48, 112))
    yield "ntsc", clip, mp4.encode(clip.frames, fps="30000/1001")
    clip = draw(rng, (16, 112))
    yield "fifteen-frames", clip, mp4.encode(clip.frames[:15])
    clip = draw(rng, (16, 112))
    yield "one-a-second", clip, mp4.encode(clip.frames, fps=1)
    clip = draw(rng, (16, 168))
    yield "resized-150x162", clip, mp4.encode(clip.frames[:, 4:166, 10:160])


def demo_clips(rng):
    """Yields (name, clip, mp4 bytes) of all clips that are written here."""
    for shape in SHAPES:
        for i in range(CLIPS_PER_SHAPE):
            clip = draw(rng, shape)
            yield f"{shape[0]}x{shape[1]}-{i + 1}", clip, mp4.encode(clip.frames)
    yield from odd_clips(rng)


def choose(rng, asked):
    """Two questions about a clip, of different kinds."""
    first, *others = rng.permutation(len(asked))
    second = next(i for i in others if asked[i][0] != asked[first][0])
    return [asked[first], asked[second]]


def write_demo_clips(rng, out):
    """Writes the clips and yields (path, kind, question, right answer)."""
    for name, clip, data in demo_clips(rng):
        path = out / f"{name}.mp4"
        path.write_bytes(data)
        for asked in choose(rng, clip.questions()):
            yield path, *asked


def sample_questions(rng):
    """Yields (path, kind, question, right answer), two questions to each of the sample clips."""
    questions = json.loads((SAMPLES / "questions.json").read_text())
    for clip in sorted({q["clip"] for q in questions}):
        asked = [(q["kind"], q["question"], q["answer"]) for q in questions if q["clip"] == clip]
        for chosen in choose(rng, asked):
            yield SAMPLES / clip, *chosen


def six_digits(values):
    """Rounds to six significant digits: float32 noise is larger, and the file stays small."""
    return [float(f"{value:.6g}") for value in values]


def golden(reference, path, kind, question, right, with_logits):
    """One case of goldens.json."""
    video = reference.read_video(path.read_bytes())
    answer = reference.answer_video(video, question)
    case = dict(
        clip=path.resolve().relative_to(ROOT).as_posix(), kind=kind, question=question, right=right,
        frameIndices=video.indices, framesSha256=hashlib.sha256(video.frames.tobytes()).hexdigest(),
        grid=video.grid, secondsPerGrid=video.seconds_per_grid, promptIds=answer.prompt_ids,
        answerIds=answer.token_ids, text=answer.text, smallestMargin=float(f"{answer.smallest_margin():.3g}"))
    if with_logits:
        case["firstLogits"] = six_digits(answer.step_logits[0])
    return case


def origin(checkpoint):
    """Where the goldens come from: versions, and which checkpoint."""
    packages = ("torch", "transformers", "tokenizers", "numpy", "pillow", "av", "scikit-learn")
    return dict(
        script="integration-tests/reference/make_demo_goldens.py", seed=SEED, python=platform.python_version(),
        versions={name: version(name) for name in packages},
        ffmpeg={name: ".".join(map(str, av.library_versions[name])) for name in ("libavcodec", "libswscale")},
        checkpointSha256=hashlib.sha256((checkpoint / "model.safetensors").read_bytes()).hexdigest())


def main():
    parser = argparse.ArgumentParser(description="Writes the demonstration model's golden answers.")
    checkpoint_argument(parser)
    args = parser.parse_args()
    DEMO.mkdir(parents=True, exist_ok=True)
    reference, rng = Reference(args.checkpoint), np.random.default_rng(SEED)
    asked = [*write_demo_clips(rng, DEMO), *sample_questions(rng)]
    cases = [golden(reference, *case, with_logits=i % LOGITS_EVERY == 0) for i, case in enumerate(asked)]
    lines = ",\n".join(map(json.dumps, cases))
    head = json.dumps(origin(args.checkpoint))
    (DEMO / "goldens.json").write_text(f'{{"origin": {head},\n"cases": [\n{lines}\n]}}\n')
    print(f"{len(cases)} cases, {sum(case['text'] == case['right'] for case in cases)} answered rightly, "
          f"smallest margin {min(case['smallestMargin'] for case in cases)}")


if __name__ == "__main__":
    main()
