"""Writes tiny random Qwen2.5-VL checkpoints and what the reference implementation computes with them.

    python3 make_model_goldens.py ../../backend/src/test/resources/golden/qwen25vl

Needs torch==2.15.0 (CPU), transformers==4.57.6, numpy==2.3.5, pillow==11.3.0, safetensors==0.8.0, tokenizers==0.22.2.
What is written:

    untied/       float32, one file, lm_head of its own, config.json flat as the first releases wrote it
    tied/         bfloat16, sharded, tied embeddings, written by save_pretrained
    config-nested.json   the configuration of untied/ as transformers 5 writes it
    demonstration.json   one prompt with the checkpoint of model-repository/moving-digits, in the form of cases.json
    cases.json    prompts, frames, position ids, logits of the prompt's last token and of a few greedy steps
    pixels.json   frames and the pixel_values of the slow image processor, bit for bit

Position ids follow the original rule (time steps truncated, never the seconds) and are handed to the reference, because
transformers 4.57.6 casts the seconds of a grid slice to an integer first. Where that cast changes nothing, its own
get_rope_index must agree, and the script stops if it does not.
"""
import argparse
import base64
import json
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration
from transformers.models.qwen2_vl.image_processing_qwen2_vl import Qwen2VLImageProcessor

DEMONSTRATION = Path(__file__).parents[2] / "model-repository" / "moving-digits" / "1"
SEED = 25
IMAGE, VIDEO, START, END = 120, 121, 122, 123
STEPS = 4
TEXT = dict(
    vocab_size=128, hidden_size=64, intermediate_size=88, num_hidden_layers=3, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=2048, rms_norm_eps=1e-6, rope_theta=1e6, use_sliding_window=False,
    bos_token_id=124, eos_token_id=125, pad_token_id=124)
MROPE = [2, 3, 3]
VISION = dict(
    depth=3, hidden_size=32, num_heads=2, intermediate_size=44, in_channels=3, patch_size=14, spatial_merge_size=2,
    temporal_patch_size=2, window_size=56, fullatt_block_indexes=[1], out_hidden_size=64, tokens_per_second=2,
    hidden_act="silu")
SPECIAL = dict(image_token_id=IMAGE, video_token_id=VIDEO, vision_start_token_id=START, vision_end_token_id=END)


def build(tied, generator):
    """A model whose every weight matters: matrices large enough, norms and biases away from one and zero."""
    config = Qwen2_5_VLConfig(
        text_config=dict(TEXT, rope_scaling=dict(type="mrope", mrope_section=MROPE), tie_word_embeddings=tied),
        vision_config=dict(VISION), tie_word_embeddings=tied, **SPECIAL)
    config._attn_implementation = "eager"
    model = Qwen2_5_VLForConditionalGeneration(config).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() == 1:
                weight.normal_(1.0 if name.endswith("weight") else 0.0, 0.2, generator=generator)
            else:
                weight.normal_(0.0, 1.2 / weight[0].numel() ** 0.5, generator=generator)
    return model


def flat_config():
    """config.json as the first releases wrote it: decoder keys at the top, the flag of M-RoPE spelled out."""
    return dict(
        TEXT, architectures=["Qwen2_5_VLForConditionalGeneration"], model_type="qwen2_5_vl", hidden_act="silu",
        sliding_window=32768, max_window_layers=70, tie_word_embeddings=False, torch_dtype="float32",
        rope_scaling=dict(type="mrope", mrope_section=MROPE), vision_config=dict(VISION, in_chans=3), **SPECIAL)


def nested_config():
    """config.json as transformers 5 writes it: rope_parameters, and nothing of the decoder at the top."""
    text = {key: value for key, value in TEXT.items() if key != "rope_theta"}
    text.update(
        model_type="qwen2_5_vl_text", hidden_act="silu", tie_word_embeddings=False, sliding_window=None,
        layer_types=["full_attention"] * TEXT["num_hidden_layers"],
        rope_parameters=dict(rope_type="default", type="mrope", rope_theta=TEXT["rope_theta"], mrope_section=MROPE))
    vision = dict(VISION, model_type="qwen2_5_vl_vision",
                  rope_parameters=dict(rope_type="axial", rope_theta=10000.0))
    return dict(architectures=["Qwen2_5_VLForConditionalGeneration"], model_type="qwen2_5_vl", dtype="float32",
                tie_word_embeddings=False, text_config=text, vision_config=vision, **SPECIAL)


def make_media(rng):
    """Frames (F, height, width, 3), already of a size that needs no resizing."""
    return {
        "wide": rng.integers(0, 256, (1, 84, 140, 3), dtype=np.uint8),      # 3 x 5 cells: windows are cut on both sides
        "square": rng.integers(0, 256, (1, 56, 56, 3), dtype=np.uint8),
        "clip": rng.integers(0, 256, (6, 84, 56, 3), dtype=np.uint8),       # 3 slices of 3 x 2 cells
    }


def grid_of(frames):
    count, height, width, _ = frames.shape
    return max(count // 2, 1), height // 14, width // 14


def processor():
    return Qwen2VLImageProcessor(do_resize=False, min_pixels=784, max_pixels=100352)


def pixel_values(frames):
    """Rows of patches (P, 1176) by the slow image processor; it repeats a single frame itself."""
    rows, _ = processor()._preprocess(
        list(frames), do_resize=False, resample=3, do_rescale=True, rescale_factor=1 / 255, do_normalize=True,
        image_mean=processor().image_mean, image_std=processor().image_std, patch_size=14, temporal_patch_size=2,
        merge_size=2, do_convert_rgb=False, data_format="channels_first", input_data_format="channels_last")
    return torch.from_numpy(np.ascontiguousarray(rows))


def prompt(parts, media):
    """Token ids of a prompt: text as numbers, media as (name, kind, seconds per grid slice)."""
    ids, visuals = [], []
    for part in parts:
        if isinstance(part, int):
            ids.append(part)
            continue
        name, kind, _ = part
        t, h, w = grid_of(media[name])
        ids += [START] + [IMAGE if kind == "IMAGE" else VIDEO] * (t * h * w // 4) + [END]
        visuals.append(part)
    return ids, visuals


def original_positions(ids, visuals, media, placeholders):
    """The position rule of the first release. Returns three rows and the next free position less the length."""
    rows, cur, index, queue = [], 0, 0, list(visuals)
    while index < len(ids):
        if ids[index] not in placeholders:
            rows.append((cur, cur, cur))
            cur, index = cur + 1, index + 1
            continue
        name, kind, seconds = queue.pop(0)
        t, h, w = grid_of(media[name])
        step = np.float32(seconds if kind == "VIDEO" else 0)
        cells = [(cur + int(np.float32(np.float32(k) * step) * np.float32(VISION["tokens_per_second"])), cur + y, cur + x)
                 for k in range(t) for y in range(h // 2) for x in range(w // 2)]
        rows += cells
        index, cur = index + len(cells), max(max(cell) for cell in cells) + 1
    return [list(axis) for axis in zip(*rows)], cur - len(ids)


def inputs_of(visuals, media):
    tensors = {}
    for kind, pixels, grids in (("IMAGE", "pixel_values", "image_grid_thw"),
                                ("VIDEO", "pixel_values_videos", "video_grid_thw")):
        names = [name for name, of, _ in visuals if of == kind]
        if names:
            tensors[pixels] = torch.cat([pixel_values(media[name]) for name in names])
            tensors[grids] = torch.tensor([grid_of(media[name]) for name in names])
    return tensors


def check_against_reference(model, ids, visuals, tensors, positions, delta):
    """The reference's own rule, where its cast to integer seconds is harmless."""
    seconds = [s for _, kind, s in visuals if kind == "VIDEO"]
    if any(s != int(s) for s in seconds):
        return
    theirs, their_delta = model.model.get_rope_index(
        torch.tensor([ids]), tensors.get("image_grid_thw"), tensors.get("video_grid_thw"),
        torch.tensor(seconds) if seconds else None, torch.ones(1, len(ids), dtype=torch.long))
    assert theirs[:, 0].tolist() == positions and their_delta.item() == delta


@torch.no_grad()
def expect(model, ids, tensors, positions, delta):
    """Logits after the prompt and after each greedy token, each from a forward pass over the whole sequence."""
    ids, tokens, logits = list(ids), [], []
    for step in range(STEPS + 1):
        following = list(range(len(positions[0]) + delta, len(ids) + delta))
        position_ids = torch.tensor([axis + following for axis in positions])[:, None]
        last = model(input_ids=torch.tensor([ids]), position_ids=position_ids, use_cache=False, **tensors).logits[0, -1]
        logits.append([float(f"{value:.8g}") for value in last.tolist()])
        if step < STEPS:
            tokens.append(int(last.argmax()))
            ids.append(tokens[-1])
    return dict(tokens=tokens, logits=logits)


def as_float32_of(model, dtype):
    """The same model after one trip of its weights through a narrower type."""
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(weight.to(dtype).float())
    return model


def parts_of_cases():
    return {
        "text": [1, 2, 3, 5, 8, 13, 21, 34, 55, 89],
        "image": [7, 9, ("wide", "IMAGE", 0), 11, 12, 13],
        "two-images": [3, ("wide", "IMAGE", 0), 4, 5, ("square", "IMAGE", 0), 6],
        "video-half-second": [1, 2, ("clip", "VIDEO", 0.5), 30, 31],
        "video-one-second": [1, 2, ("clip", "VIDEO", 1.0), 30, 31],
        "video-two-seconds": [1, 2, ("clip", "VIDEO", 2.0), 30, 31],
        "image-and-video": [1, ("square", "IMAGE", 0), 40, ("clip", "VIDEO", 0.75), 41, ("wide", "IMAGE", 0), 42, 43],
    }


def base64_of(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def write_pixels(out, media):
    """A small picture and a small clip, with the exact float32 rows."""
    samples = {"picture": media["square"][:, :28, :56], "clip": media["clip"][:4, :28, :28]}
    (out / "pixels.json").write_text(json.dumps({
        name: dict(frames=base64_of(frames), count=len(frames), height=frames.shape[1], width=frames.shape[2],
                   rows=base64_of(pixel_values(frames).numpy().astype("<f4")))
        for name, frames in samples.items()}, indent=1) + "\n")


def write_cases(file, prompts, media, models, reference):
    """Prompts are pairs of token ids and visuals; every model answers each of them."""
    cases = []
    for name, (ids, visuals) in prompts.items():
        tensors = inputs_of(visuals, media)
        placeholders = reference.config.image_token_id, reference.config.video_token_id
        positions, delta = original_positions(ids, visuals, media, placeholders)
        check_against_reference(reference, ids, visuals, tensors, positions, delta)
        cases.append(dict(
            name=name, ids=ids, positions=positions, delta=delta,
            visuals=[dict(media=m, kind=kind, secondsPerGrid=seconds) for m, kind, seconds in visuals],
            expected={key: expect(model, ids, tensors, positions, delta) for key, model in models.items()}))
    versions = dict(torch=torch.__version__, transformers=transformers.__version__, numpy=np.__version__, seed=SEED)
    frames = {name: dict(count=len(value), height=value.shape[1], width=value.shape[2], rgb=base64_of(value))
              for name, value in media.items()}
    lines = ",\n".join(json.dumps(case) for case in cases)
    file.write_text(
        f'{{"versions": {json.dumps(versions)},\n"media": {json.dumps(frames)},\n"cases": [\n{lines}\n]}}\n')


def load_demonstration():
    """Its config.json is of transformers 5; 4.57.6 wants the rotary settings where they used to be."""
    config = json.loads((DEMONSTRATION / "config.json").read_text())
    rope = config["text_config"].pop("rope_parameters")
    config["text_config"].update(
        rope_theta=rope["rope_theta"], rope_scaling=dict(type="mrope", mrope_section=rope["mrope_section"]))
    return Qwen2_5_VLForConditionalGeneration.from_pretrained(
        DEMONSTRATION, config=Qwen2_5_VLConfig(**config), dtype=torch.float32, attn_implementation="eager").eval()


def write_demonstration(file):
    """A question about a bright square that moves over noise: four frames, two slices."""
    rng = np.random.default_rng(SEED)
    frames = rng.integers(0, 60, (4, 84, 112, 3), dtype=np.uint8)
    for index, frame in enumerate(frames):
        frame[30:54, 12 + 16 * index:36 + 16 * index] = (230, 40, 40)
    t, h, w = grid_of(frames)
    text = ("<|im_start|>user\n<|vision_start|>" + "<|video_pad|>" * (t * h * w // 4)
            + "<|vision_end|>Which way does it move?<|im_end|>\n<|im_start|>assistant\n")
    ids = Tokenizer.from_file(str(DEMONSTRATION / "tokenizer.json")).encode(text).ids
    model = load_demonstration()
    write_cases(file, {"demonstration": (ids, [("square", "VIDEO", 1.0)])}, {"square": frames},
                {"demonstration": model}, model)


def main():
    parser = argparse.ArgumentParser(description="Writes tiny Qwen2.5-VL checkpoints and the reference's results.")
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    (out / "untied").mkdir(parents=True, exist_ok=True)
    generator = torch.Generator().manual_seed(SEED)

    untied = build(False, generator)
    stored = {name.replace("model.visual.", "visual.").replace("model.language_model.", "model."): weight.detach().clone()
              for name, weight in untied.state_dict().items()}
    save_file(stored, out / "untied" / "model.safetensors", metadata={"format": "pt"})
    (out / "untied" / "config.json").write_text(json.dumps(flat_config(), indent=2) + "\n")
    (out / "config-nested.json").write_text(json.dumps(nested_config(), indent=2) + "\n")
    untied = Qwen2_5_VLForConditionalGeneration.from_pretrained(
        out / "untied", dtype=torch.float32, attn_implementation="eager").eval()

    build(True, generator).to(torch.bfloat16).save_pretrained(out / "tied", max_shard_size="150KB")
    tied = Qwen2_5_VLForConditionalGeneration.from_pretrained(
        out / "tied", dtype=torch.float32, attn_implementation="eager").eval()

    half = as_float32_of(build(False, torch.Generator().manual_seed(SEED)), torch.float16)
    media = make_media(np.random.default_rng(SEED))
    prompts = {name: prompt(parts, media) for name, parts in parts_of_cases().items()}
    write_cases(out / "cases.json", prompts, media, dict(untied=untied, tied=tied, half=half), untied)
    write_pixels(out, media)
    write_demonstration(out / "demonstration.json")


if __name__ == "__main__":
    main()
