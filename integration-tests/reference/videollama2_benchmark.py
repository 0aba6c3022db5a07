"""Vision and prefill of the backend and of VideoLLaMA2's own code, in turn on one machine, as ratios; and bytes kept at ratio 5.

    git clone https://github.com/DAMO-NLP-SG/VideoLLaMA2 CHECKOUT
    mvn -q package -DskipTests          # at the project's root
    python3 videollama2_benchmark.py CHECKOUT /tmp/videollama2.1-quarter

Writes a checkpoint with random weights into the second folder if there is none: VideoLLaMA2.1-7B-16F at a quarter of every width
and depth (decoder 896 wide and 7 layers deep, tower 288 and 7), with the tiny tokenizer of the goldens and a vocabulary to match; 16
frames of 384 pixels are 1,352 visual tokens, as in the original. Both sides compute in float32 with as many threads as there are
cores, the logits of the last token alone. Needs what make_videollama2_goldens.py needs.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file

import videollama2_reference

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GOLDEN = ROOT / "backend/src/test/resources/golden/videollama2/qwen2"
CLASS_PATH = f"{ROOT}/backend/target/backends/purekv/*:{ROOT}/integration-tests/target/test-classes"
WIDTH = 896
DECODER = dict(hidden_size=WIDTH, intermediate_size=4736, num_hidden_layers=7, num_attention_heads=7, num_key_value_heads=1,
               max_position_embeddings=32768)
TOWER = dict(hidden_size=288, intermediate_size=1076, num_hidden_layers=7, num_attention_heads=4, image_size=384, patch_size=14,
             hidden_act="gelu_pytorch_tanh", layer_norm_eps=1e-6)


def build(folder, package):
    shutil.copytree(GOLDEN, folder)
    tower = folder / "tiny-siglip"
    transformers.SiglipVisionConfig(**TOWER).save_pretrained(tower)
    transformers.SiglipImageProcessor(image_mean=[0.5] * 3, image_std=[0.5] * 3, size=dict(height=384, width=384)).save_pretrained(tower)
    config = json.loads((folder / "config.json").read_text())
    config.update(DECODER, mm_hidden_size=TOWER["hidden_size"], torch_dtype="float32")
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    os.chdir(folder)
    kind = config["model_type"]
    model = package.model.VLLMs[kind](package.model.VLLMConfigs[kind](**config))
    videollama2_reference.fill(model, torch.Generator().manual_seed(1))
    save_file({key: value.contiguous() for key, value in model.state_dict().items() if not key.endswith("position_ids")},
              folder / "model.safetensors", metadata=dict(format="pt"))


def ours(folder, runs):
    """The backend's times and bytes; see VideoLlama2Benchmark."""
    command = ["java", "-cp", CLASS_PATH, "dev.purekv.benchmark.VideoLlama2Benchmark", str(folder), str(runs)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return json.loads(output.strip().splitlines()[-1])


@torch.inference_mode()
def reference(model, tokens, runs):
    """Seconds of the original's vision and of its decoder, each run after one that warms up."""
    pixels = torch.randn(16, 3, 384, 384, generator=torch.Generator().manual_seed(0))
    embeddings = torch.randn(1, tokens, WIDTH, generator=torch.Generator().manual_seed(0))
    taken = dict(visionSeconds=[], prefillSeconds=[])
    for turn in range(runs + 1):
        start = time.perf_counter()
        model.encode_images_or_videos([(pixels, "video")])
        seen = time.perf_counter()
        hidden = model.model(inputs_embeds=embeddings, use_cache=True)[0]
        model.lm_head(hidden[:, -1:])
        end = time.perf_counter()
        if turn:
            taken["visionSeconds"].append(seen - start)
            taken["prefillSeconds"].append(end - seen)
    return taken


def main():
    parser = argparse.ArgumentParser(description="Compares vision and prefill with VideoLLaMA2's own code; prints ratios.")
    parser.add_argument("checkout", type=Path, help="a git checkout of the original repository")
    parser.add_argument("checkpoint", type=Path, help="folder of the random checkpoint")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each side, default: %(default)s")
    parser.add_argument("--runs", type=int, default=2, help="prefills a turn, default: %(default)s")
    args = parser.parse_args()
    folder = args.checkpoint.resolve()
    package = videollama2_reference.load(args.checkout.resolve(), fused=True)
    torch.set_num_threads(os.cpu_count())
    if not folder.exists():
        build(folder, package)
    os.chdir(folder)
    config = transformers.AutoConfig.from_pretrained(folder)
    model = package.model.VLLMs[config.model_type].from_pretrained(folder, config=config, torch_dtype=torch.float32).eval()
    sides = dict(ours=dict(visionSeconds=[], prefillSeconds=[]), original=dict(visionSeconds=[], prefillSeconds=[]))
    for turn in range(args.rounds):
        mine = ours(folder, args.runs)
        for side, taken in (("ours", mine), ("original", reference(model, mine["promptTokens"], args.runs))):
            for part in sides[side]:
                sides[side][part] += taken[part]
            print(f"turn {turn + 1} of {args.rounds}, {side}: "
                  + ", ".join(f"{part} {[round(s, 2) for s in taken[part]]}" for part in sides[side]), file=sys.stderr)
    print(f"{mine['promptTokens']} tokens, {mine['visualTokens']} of them visual; torch {torch.__version__}, "
          f"transformers {transformers.__version__}")
    for part in ("visionSeconds", "prefillSeconds"):
        mean, other = (statistics.median(sides[side][part]) for side in ("ours", "original"))
        print(f"{part[:-7]:8} {mean:6.2f} s, the original {other:6.2f} s: {other / mean:.2f} times as fast")
    print(f"cache at ratio 5: {mine['keptBytes']:,} of {mine['fullBytes']:,} bytes, {mine['fullBytes'] / mine['keptBytes']:.2f} times smaller")


if __name__ == "__main__":
    main()
