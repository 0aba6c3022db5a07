"""Draws the small pictures and clips that the media tests decode.

Requires: av==18.1.0 numpy==2.3.5 pillow==11.3.0. Used by make_media_goldens.py.
"""
import io
import struct
from fractions import Fraction

import av
import numpy as np
from PIL import Image


def scene(t, width, height):
    """One frame: two gradients, a bar that moves with t and a little fixed noise. uint8 (height, width, 3)."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    red = 255 * x / width
    green = 255 * y / height
    blue = 127 + 120 * np.sin((x + y) / 9 + t / 3)
    picture = np.stack([red, green, blue], -1)
    left = (7 * t) % width
    picture[height // 4: height // 2, left: left + width // 6] = (250, 30, 40)
    picture += np.random.default_rng(5).normal(0, 6, picture.shape)
    return np.clip(np.round(picture), 0, 255).astype(np.uint8)


def encode(path, codec, frames, size, rate=10, pix_fmt="yuv420p", options=None, times=None, tags=None, container=None):
    """Writes one clip; `times` gives each frame's time in 1/1000 s where the rate is not constant."""
    width, height = size
    with av.open(str(path), "w", options={"fflags": "+bitexact", **(container or {})}) as out:
        stream = out.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        stream.codec_context.thread_count = 1
        if times:
            stream.codec_context.time_base = Fraction(1, 1000)
        if tags:
            stream.codec_context.colorspace, stream.codec_context.color_range = tags
        for t in range(frames):
            frame = av.VideoFrame.from_ndarray(scene(t, width, height), format="rgb24")
            if tags:
                frame = frame.reformat(format=pix_fmt, dst_colorspace=tags[0], dst_color_range=tags[1])
            frame.pts = times[t] if times else t
            frame.time_base = Fraction(1, 1000) if times else Fraction(1, rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def trim_by_edit_list(source, target, ticks):
    """Copies a clip without decoding and moves its start before zero, so that an edit list hides the first frames."""
    with av.open(str(source)) as inp, av.open(str(target), "w", format="mp4",
                                              options={"avoid_negative_ts": "disabled"}) as out:
        video = inp.streams.video[0]
        stream = out.add_stream_from_template(video)
        for packet in inp.demux(video):
            if packet.dts is None:
                continue
            packet.pts -= ticks
            packet.dts -= ticks
            packet.stream = stream
            out.mux(packet)


def turn(mp4, degrees):
    """Writes a rotation into the track header's display matrix of an mp4, in place."""
    one = 1 << 16
    matrix = {90: (0, one, 0, -one, 0, 0), 180: (-one, 0, 0, 0, -one, 0), 270: (0, -one, 0, one, 0, 0)}[degrees]
    a, b, u, c, d, v = matrix
    data = bytearray(mp4)
    at = data.index(b"tkhd") + 4 + 4 + 20 + 8 + 4 + 4
    data[at:at + 36] = struct.pack(">9i", a, b, u, c, d, v, 0, 0, 1 << 30)
    return bytes(data)


def audio_only(path):
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=8000)
        stream.layout = "mono"
        for i in range(8):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 8000, i * 1024
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def clips(folder):
    """Writes every clip."""
    encode(folder / "h264.mp4", "libx264", 30, (96, 64), options={"bf": "3", "g": "12"})
    encode(folder / "h264-97x61.mp4", "libx264", 6, (97, 61), pix_fmt="yuv444p")
    encode(folder / "h264-709.mp4", "libx264", 8, (98, 62), tags=(1, 1))
    encode(folder / "h264-full.mp4", "libx264", 8, (96, 64), pix_fmt="yuvj420p", tags=(5, 2))
    encode(folder / "h264-422.mp4", "libx264", 6, (96, 64), pix_fmt="yuv422p")
    encode(folder / "faststart.mp4", "libx264", 12, (96, 64), container={"movflags": "faststart"})
    encode(folder / "fragmented.mp4", "libx264", 12, (96, 64), container={"movflags": "frag_keyframe+empty_moov"})
    encode(folder / "hevc.mp4", "libx265", 10, (96, 64), options={"x265-params": "log-level=none:pools=1"})
    encode(folder / "hevc-10bit.mp4", "libx265", 6, (96, 64), pix_fmt="yuv420p10le",
           options={"x265-params": "log-level=none:pools=1"})
    encode(folder / "av1.mp4", "libsvtav1", 12, (96, 64), options={"svtav1-params": "lp=1:keyint=6"})
    encode(folder / "vp8.webm", "libvpx", 30, (96, 64), options={"auto-alt-ref": "1", "lag-in-frames": "12", "g": "20"})
    encode(folder / "vp9.webm", "libvpx-vp9", 30, (96, 64), options={"auto-alt-ref": "1", "lag-in-frames": "12"})
    encode(folder / "vp9-61x47.webm", "libvpx-vp9", 6, (61, 47))
    encode(folder / "mjpeg.avi", "mjpeg", 6, (96, 64), pix_fmt="yuvj420p", options={"qscale": "4"})
    encode(folder / "mpeg4.mp4", "mpeg4", 12, (96, 64), options={"bf": "2"})
    times = [0, 40, 80, 120, 700, 740, 780, 1500, 1540, 2400, 2440, 2480]
    encode(folder / "uneven.mp4", "libx264", 12, (96, 64), rate=25, times=times)
    encode(folder / "odd.mp4", "libx264", 5, (64, 48), rate=30)
    encode(folder / "single.mp4", "libx264", 1, (64, 48), rate=30)
    encode(folder / "hourly.mp4", "libx264", 4, (64, 48), rate=25, times=[0, 3600000, 7200000, 10800000])
    trim_by_edit_list(folder / "h264.mp4", folder / "trimmed.mp4", 7 * 1024)
    for degrees in (90, 180, 270):
        (folder / f"turned-{degrees}.mp4").write_bytes(turn((folder / "odd.mp4").read_bytes(), degrees))
    frames = [Image.fromarray(scene(t, 60, 44)).quantize(64) for t in range(9)]
    frames[0].save(folder / "animated.gif", save_all=True, append_images=frames[1:], duration=100, loop=0)
    audio_only(folder / "audio.mp4")
    (folder / "endless.webm.gz").write_bytes(endless())


def names(folder):
    """The clips and the pictures that decode: (clips, pictures)."""
    files = sorted(p for p in folder.iterdir() if not p.name.endswith(".golden.png"))
    clips = [p.name for p in files if p.suffix in (".mp4", ".webm", ".avi") or p.name == "animated.gif"]
    pictures = [p.name for p in files if p.suffix in (".png", ".jpg", ".webp", ".bmp", ".gif")]
    return ([n for n in clips if n not in ("audio.mp4", "hourly.mp4")],
            [n for n in pictures if n not in ("cmyk.jpg", "animated.webp")])


def endless():
    """A clip of one pixel that lasts three hours, 108,000 frames, gzipped."""
    import gzip
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="webm", options={"fflags": "+bitexact"}) as out:
        stream = out.add_stream("libvpx-vp9", rate=10, options={"cpu-used": "8", "deadline": "realtime", "lag-in-frames": "0"})
        stream.width, stream.height, stream.pix_fmt = 1, 1, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.full((1, 1, 3), 90, np.uint8), format="rgb24").reformat(format="yuv420p")
        packets = []
        for t in range(6):
            frame.pts, frame.time_base = t, Fraction(1, 10)
            packets += stream.encode(frame)
        packets += stream.encode(None)
        still = packets[-1]
        for packet in packets:
            out.mux(packet)
        step = still.pts - packets[-2].pts
        for t in range(len(packets), 108000):
            copy = av.Packet(bytes(still))
            copy.stream, copy.time_base = stream, still.time_base
            copy.pts = copy.dts = t * step
            out.mux(copy)
    return gzip.compress(buffer.getvalue(), 9, mtime=0)


def pictures(folder):
    """Writes every picture."""
    rgb = Image.fromarray(scene(2, 61, 47))
    alpha = Image.fromarray((np.mgrid[0:47, 0:61][1] * 255 // 60).astype(np.uint8))
    rgba = rgb.copy()
    rgba.putalpha(alpha)
    deep = np.mgrid[0:47, 0:61][1].astype(np.uint16) * 1074
    rgb.save(folder / "rgb.png")
    rgba.save(folder / "rgba.png")
    rgb.convert("L").save(folder / "grey.png")
    rgba.convert("LA").save(folder / "grey-alpha.png")
    rgb.convert("1").save(folder / "bits.png")
    rgb.quantize(40).save(folder / "palette.png", transparency=3)
    rgb.quantize(13).save(folder / "palette4.png", bits=4)
    Image.fromarray(deep).save(folder / "grey16.png")
    write_rgb16(folder / "rgb16.png", deep)
    turned = Image.Exif()
    turned[0x0112] = 6
    rgb.save(folder / "turned.png", exif=turned)
    rgb.save(folder / "photo.jpg", quality=88)
    rgb.save(folder / "photo-444.jpg", quality=92, subsampling=0)
    rgb.save(folder / "photo-422.jpg", quality=92, subsampling=1)
    rgb.save(folder / "progressive.jpg", quality=85, progressive=True)
    rgb.convert("L").save(folder / "grey.jpg", quality=85)
    for orientation in range(2, 9):
        tag = Image.Exif()
        tag[0x0112] = orientation
        rgb.save(folder / f"turned-{orientation}.jpg", quality=80, exif=tag)
    rgb.save(folder / "lossy.webp", quality=80)
    rgb.crop((0, 0, 60, 46)).save(folder / "lossy-even.webp", quality=60)
    rgb.save(folder / "lossless.webp", lossless=True)
    rgba.save(folder / "alpha.webp", quality=80)
    rgba.save(folder / "alpha-lossless.webp", lossless=True)
    rgb.save(folder / "turned.webp", quality=80, exif=turned)
    rgb.quantize(64).save(folder / "still.gif")
    write_offset_gif(folder / "offset.gif")
    rgb.save(folder / "rgb.bmp")
    rgb.convert("CMYK").save(folder / "cmyk.jpg", quality=85)
    rgb.save(folder / "animated.webp", save_all=True, append_images=[rgb.rotate(90)], duration=100)


def write_rgb16(path, deep):
    import zlib
    height, width = deep.shape
    samples = np.stack([deep, deep[::-1], deep[:, ::-1]], -1).astype(">u2")
    rows = b"".join(b"\0" + samples[y].tobytes() for y in range(height))

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def write_offset_gif(path):
    """A first frame that covers only a part of the canvas."""
    part = Image.fromarray(scene(1, 20, 12)).quantize(16)
    buffer = io.BytesIO()
    part.save(buffer, "GIF")
    data = bytearray(buffer.getvalue())
    data[6:10] = struct.pack("<HH", 32, 24)
    at = data.index(b"\x2c" + struct.pack("<HHHH", 0, 0, 20, 12))
    data[at + 1:at + 5] = struct.pack("<HH", 5, 7)
    path.write_bytes(bytes(data))
