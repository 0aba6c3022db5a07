"""Makes the media files and goldens under backend/src/test/resources/golden/media.

Requires: av==14.2.0 numpy==2.3.5 pillow==11.3.0 torch==2.15.0 transformers==4.57.6.
Run: python3 integration-tests/reference/make_media_goldens.py [--encode]
With --encode the media files are encoded anew as well (av==18.1.0); encoders with threads do not give the same bytes twice.

PyAV 14.2 holds FFmpeg 7.1, whose swscale is the one that the backend uses. FFmpeg 8 (PyAV 18.1) gives the same pixels
but for 4:2:0 clips of odd height or more than 8 bits, where it blends chroma rows anew: up to 60 levels on these clips.

Every golden is made by the reference library named in its entry; frame choice follows qwen-vl-utils 0.0.14, whose two
functions are restated here because importing it needs torchvision.
"""
import hashlib
import json
import math
import sys
from pathlib import Path

import av
import numpy as np
import PIL
import torch
import transformers
from PIL import Image, ImageOps
from transformers.models.qwen2_vl.image_processing_qwen2_vl import Qwen2VLImageProcessor, smart_resize

import media_files

FOLDER = Path(__file__).resolve().parents[2] / "backend/src/test/resources/golden/media"


def to_rgb(image):
    """qwen-vl-utils 0.0.14, to_rgb: RGBA is laid on white, everything else converted."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    white = Image.new("RGB", image.size, (255, 255, 255))
    white.paste(image, mask=image.split()[3])
    return white


def frame_count(total, video_fps, fps=2.0, min_frames=4, max_frames=768):
    """qwen-vl-utils 0.0.14, smart_nframes."""
    low, high = math.ceil(min_frames / 2) * 2, math.floor(max_frames / 2) * 2
    n = total / video_fps * fps
    return math.floor(min(min(max(n, low), high), total) / 2) * 2


def indices(total, n):
    return torch.linspace(0, total - 1, n).round().long().tolist()


def turned(array, name):
    return np.rot90(array, -int(name[7:-4]) // 90) if name.startswith("turned-") else array


def rgb(frame):
    """PyAV 14.2 overlooks a colour matrix that the stream states; 18.1 heeds it."""
    stated = {"src_colorspace": frame.colorspace, "dst_colorspace": 5} if frame.colorspace == 1 else {}
    return frame.to_ndarray(format="rgb24", **stated)


def resized_clip(frames, low=784, high=602112):
    h, w = smart_resize(frames[0].shape[0], frames[0].shape[1], 28, low, high)
    return [np.asarray(Image.fromarray(np.ascontiguousarray(f)).resize((w, h), Image.BICUBIC)) for f in frames]


def sha(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def clip_golden(name):
    with av.open(str(FOLDER / name)) as file:
        fps = float(file.streams.video[0].average_rate)
        frames = [turned(rgb(f), name) for f in file.decode(video=0)]
    total, n = len(frames), frame_count(len(frames), fps)
    chosen = indices(total, n) if n >= 2 else [0]
    picked = [frames[i] for i in chosen]
    resized = resized_clip(picked)
    return {"frames": total, "fps": fps, "width": frames[0].shape[1], "height": frames[0].shape[0], "indices": chosen,
            "sampleFps": len(chosen) / total * fps,
            "sha256": [sha(f) for f in picked], "resizedHeight": resized[0].shape[0], "resizedWidth": resized[0].shape[1],
            "resizedSha256": [sha(f) for f in resized]}


def picture_golden(name):
    image = to_rgb(ImageOps.exif_transpose(Image.open(FOLDER / name)))
    if name == "grey16.png":  # Pillow 11.3 shows every 16-bit grey above 255 as white; here the high byte is right
        image = Image.fromarray((np.asarray(Image.open(FOLDER / name)) >> 8).astype(np.uint8)).convert("RGB")
    image.save(FOLDER / f"{name}.golden.png", optimize=True)
    h, w = smart_resize(image.height, image.width, 28, 3136, 12845056)
    return {"width": image.width, "height": image.height, "sha256": sha(np.asarray(image)), "resizedWidth": w,
            "resizedHeight": h, "resizedSha256": sha(np.asarray(image.resize((w, h), Image.BICUBIC)))}


def noise(width, height, seed):
    """Bytes of a linear congruential generator: the test draws the same ones."""
    out, x = np.empty(width * height * 3, np.uint8), seed
    for i in range(out.size):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        out[i] = (x >> 16) & 255
    return out.reshape(height, width, 3)


def resize_goldens():
    cases = []
    for seed, (w, h, tw, th) in enumerate([(64, 48, 56, 56), (56, 56, 56, 84), (61, 37, 84, 56), (200, 150, 28, 28), (7, 5, 112, 84),
                                           (1, 1, 56, 56), (300, 3, 280, 28), (128, 128, 128, 64), (97, 131, 84, 112), (333, 222, 56, 56)]):
        image = Image.fromarray(noise(w, h, seed + 1))
        cases.append({"seed": seed + 1, "width": w, "height": h, "toWidth": tw, "toHeight": th,
                      "sha256": sha(np.asarray(image.resize((tw, th), Image.BICUBIC)))})
    return cases


def smart_resize_goldens():
    rng, cases = np.random.default_rng(3), []
    for low, high in ((3136, 12845056), (784, 602112), (100352, 602112)):
        for h, w in rng.integers(28, 3000, (60, 2)).tolist():
            if max(h, w) / min(h, w) <= 200:
                cases.append([h, w, low, high, *smart_resize(h, w, 28, low, high)])
    return cases


def sampling_goldens():
    rng, cases = np.random.default_rng(4), []
    for total, fps in [(300, 30.0), (301, 29.97), (100, 25.0), (5, 30.0), (3000, 30.0), (2, 30.0), (3, 1.0), (54000, 30.0)] + [
            (int(t), float(f)) for t, f in zip(rng.integers(2, 20000, 80), rng.uniform(0.5, 120, 80))]:
        n = frame_count(total, fps)
        cases.append({"total": total, "fps": fps, "count": n, "sampleFps": n / total * fps,
                      "sha256": sha(np.array(indices(total, n), "<i4"))})
    return cases


def pixel_golden():
    """The reference's own image processor, from the encoded picture to the vision tower's input, as a hash and a sample."""
    image = to_rgb(Image.open(FOLDER / "photo.jpg"))
    out = Qwen2VLImageProcessor()(images=[image], return_tensors="np")
    values = out["pixel_values"].astype("<f4")
    return {"image": "photo.jpg", "grid": out["image_grid_thw"][0].tolist(), "sha256": sha(values), "first": values[0, :8].tolist()}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    if "--encode" in sys.argv:
        for old in FOLDER.iterdir():
            old.unlink()
        media_files.clips(FOLDER)
        media_files.pictures(FOLDER)
    clips, pictures = media_files.names(FOLDER)
    golden = {
        "versions": {"av": av.__version__, "libavcodec": list(av.library_versions["libavcodec"]), "pillow": PIL.__version__,
                     "numpy": np.__version__, "torch": torch.__version__.split("+")[0], "transformers": transformers.__version__,
                     "frameChoice": "qwen-vl-utils 0.0.14"},
        "clips": {name: clip_golden(name) for name in clips},
        "pictures": {name: picture_golden(name) for name in pictures},
        "resize": resize_goldens(), "smartResize": smart_resize_goldens(), "sampling": sampling_goldens(),
        "pixels": pixel_golden(),
    }
    (FOLDER / "media.json").write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
