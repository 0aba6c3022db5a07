"""Held-out clips of moving digits, as all scripts here draw them."""
from pathlib import Path

from moving_digits.moving_digits import make_clip

ROOT = Path(__file__).resolve().parents[2]
CHECKPOINT = ROOT / "model-repository" / "moving-digits" / "1"
SAMPLES = ROOT / "model-repository" / "moving-digits" / "samples"

SHAPES = ((16, 112), (16, 168), (32, 168))
"""Frames, and height and width in pixels: 128, 288 and 576 visual tokens."""

KINDS = ("digit", "direction", "flash", "count", "describe")


def draw(rng, shape):
    """Draws a clip whose digit images were never trained on."""
    frames, size = shape
    return make_clip(rng, frames=frames, size=size, split="test")


def checkpoint_argument(parser):
    """Adds the option that every script which needs the demonstration model has."""
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT,
                        help="directory of the demonstration checkpoint (default: %(default)s)")
