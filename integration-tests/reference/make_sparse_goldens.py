"""Writes what the reference implementation computes when its upper layers see by a spatial-temporal pattern only.

    python3 make_sparse_goldens.py ../../backend/src/test/resources/golden/qwen25vl

Reads untied/ and writes sparse.json; make_model_goldens.py must have run before. Needs what that script needs.
The pattern is no part of the reference, so it comes in as a 4-d attention mask of the layers concerned, built here from
arrays of medium, slice and cell, in another way than the Java code does it.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers import Qwen2_5_VLForConditionalGeneration

import make_model_goldens as goldens

ALL = 2**31 - 1
REACHES = {  # spatial, temporal, window
    "both": (True, True, ALL), "window": (True, True, 1), "spatial": (True, False, ALL),
    "temporal": (False, True, ALL), "neither": (False, False, ALL)}
FIRST_LAYERS = {"both": (0, 1, 2, 3), "window": (0, 2), "spatial": (1,), "temporal": (0, 1), "neither": (1,)}
MEDIA_OF_CASES = ("image-and-video", "video-one-second", "two-images")


def places(ids, visuals, media):
    """Medium (-1 for text), slice and cell of each token."""
    medium, time, cell = (np.full(len(ids), -1) for _ in range(3))
    token = 0
    for number, (name, _, _) in enumerate(visuals):
        while ids[token] not in (goldens.IMAGE, goldens.VIDEO):
            token += 1
        t, h, w = goldens.grid_of(media[name])
        cells, size = h * w // 4, t * h * w // 4
        medium[token:token + size] = number
        time[token:token + size] = np.arange(size) // cells
        cell[token:token + size] = np.arange(size) % cells
        token += size
    return medium, time, cell


def visible(ids, visuals, media, reach):
    """Boolean (N, N): row i sees column j."""
    spatial, temporal, window = reach
    medium, time, cell = places(ids, visuals, media)
    back = time[:, None] - time[None]
    within = np.eye(len(ids), dtype=bool)
    if spatial:
        within |= back == 0
    if temporal:
        within |= (cell[:, None] == cell[None]) & (back >= 1) & (back <= window)
    is_text = medium < 0
    allowed = is_text[:, None] | is_text[None] | ((medium[:, None] == medium[None]) & within)
    return np.tril(allowed)


@torch.no_grad()
def logits(model, ids, visuals, media, first_layer, reach):
    """Logits after the prompt's last token."""
    allowed = torch.from_numpy(visible(ids, visuals, media, reach))
    mask = torch.zeros(1, 1, *allowed.shape).masked_fill(~allowed, float("-inf"))
    layers = model.model.language_model.layers[first_layer:]
    hooks = [layer.register_forward_pre_hook(
        lambda _, args, kwargs: (args, {**kwargs, "attention_mask": mask}), with_kwargs=True) for layer in layers]
    positions, _ = goldens.original_positions(ids, visuals, media, (goldens.IMAGE, goldens.VIDEO))
    out = model(input_ids=torch.tensor([ids]), position_ids=torch.tensor(positions)[:, None], use_cache=False,
                **goldens.inputs_of(visuals, media)).logits[0, -1]
    for hook in hooks:
        hook.remove()
    return [float(f"{value:.8g}") for value in out.tolist()]


def prompts(media):
    """The prompts of cases.json with media, and one whose last token is a visual one."""
    parts = goldens.parts_of_cases()
    chosen = {name: goldens.prompt(parts[name], media) for name in MEDIA_OF_CASES}
    ids, visuals = goldens.prompt(parts["video-one-second"][:3], media)
    return {**chosen, "video-at-the-end": (ids[:-1], visuals)}


def main():
    parser = argparse.ArgumentParser(description="Writes the reference's results under sparse attention masks.")
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(
        out / "untied", dtype=torch.float32, attn_implementation="eager").eval()
    media = goldens.make_media(np.random.default_rng(goldens.SEED))
    cases = []
    for name, (ids, visuals) in prompts(media).items():
        for kind, reach in REACHES.items():
            for first in FIRST_LAYERS[kind]:
                cases.append(dict(
                    name=f"{name}, {kind} from layer {first}", ids=ids, firstLayer=first,
                    spatial=reach[0], temporal=reach[1], window=reach[2],
                    visuals=[dict(media=m, kind=of, secondsPerGrid=seconds) for m, of, seconds in visuals],
                    logits=logits(model, ids, visuals, media, first, reach)))
    versions = dict(torch=torch.__version__, transformers=transformers.__version__, numpy=np.__version__)
    lines = ",\n".join(json.dumps(case) for case in cases)
    (out / "sparse.json").write_text(f'{{"versions": {json.dumps(versions)},\n"cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
