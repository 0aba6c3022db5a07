"""Asks a running server through the `openai` package: text, image, video, frames, streaming, async, errors.

    python3 integration-tests/clients/openai_client.py [--url http://127.0.0.1:8000/v1] [--key KEY]

Makes its own virtual environment (--venv, by default below the system's temporary folder) with what it pins, and prints
a line a check; exits with 1 if one fails. The server must serve the demonstration model.
"""

import argparse
import asyncio
import base64
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PINNED = ["openai==3.57.0", "av==16.1.0", "pillow==12.0.0"]
MODEL = "moving-digits"
SAMPLES = Path(__file__).resolve().parents[2] / "model-repository/moving-digits/samples"
CLIP = SAMPLES / "digits-16x112-1.mp4"
ANSWER = "a red 1 moves left, a blue 2 moves up, a magenta 4 moves down and a white 8 moves up"


def enter_environment(folder):
    """Runs this script again inside an environment that has what is pinned."""
    python = folder / "bin/python"
    if Path(sys.prefix).resolve() == folder.resolve():
        return
    if not python.exists():
        venv.create(folder, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PINNED], check=True)
    os.execv(python, [str(python), *sys.argv])


def data_uri(kind, data):
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def question(text, *media):
    return [{"role": "user", "content": [*media, {"type": "text", "text": text}]}]


def video_part():
    return {"type": "video_url", "video_url": {"url": data_uri("video/mp4", CLIP.read_bytes())}}


def frames(kind):
    """The frames that the server samples of the clip, encoded."""
    import io

    import av

    with av.open(str(CLIP)) as container:
        images = [frame.to_image() for frame in container.decode(video=0)]
    encoded = []
    for image in images:
        out = io.BytesIO()
        image.save(out, kind, quality=95)
        encoded.append(out.getvalue())
    return encoded


def check(name, holds, shown):
    print(f"{'ok  ' if holds else 'FAIL'} {name}: {shown}", flush=True)
    return holds


def synchronous(client):
    ask = client.chat.completions.create
    yield check("models.list", [m.id for m in client.models.list()] == [MODEL], [m.id for m in client.models.list()])
    yield check("models.retrieve", client.models.retrieve(MODEL).id == MODEL, MODEL)

    answer = ask(model=MODEL, messages=question("Describe the video."), max_tokens=8)
    yield check("chat, text", answer.usage.completion_tokens <= 8, repr(answer.choices[0].message.content))

    answer = ask(model=MODEL, messages=question("Describe the video.", video_part()))
    yield check("chat, video", answer.choices[0].message.content == ANSWER, answer.choices[0].message.content)
    details = answer.usage.prompt_tokens_details
    apart = details.video_tokens > 0 and details.image_tokens == 0
    yield check("usage details, video", apart and details.video_tokens == details.visual_tokens, details)

    picture = {"type": "image_url", "image_url": {"url": data_uri("image/png", frames("png")[0])}}
    answer = ask(model=MODEL, messages=question("How many digits are there?", picture), max_tokens=16)
    yield check("chat, image", answer.choices[0].finish_reason in ("stop", "length"), answer.choices[0].message.content)
    details = answer.usage.prompt_tokens_details
    yield check("usage details, image", details.image_tokens > 0 and details.video_tokens == 0, details)

    listed = {"type": "video", "video": [data_uri("image/png", each) for each in frames("png")], "sample_fps": 2.0}
    answer = ask(model=MODEL, messages=question("How many digits are there?", listed))
    yield check("chat, list of frames", bool(answer.choices[0].message.content), answer.choices[0].message.content)
    joined = ",".join(base64.b64encode(each).decode() for each in frames("jpeg"))
    jpegs = {"type": "video_url", "video_url": {"url": "data:video/jpeg;base64," + joined}}
    answer = ask(model=MODEL, messages=question("How many digits are there?", jpegs))
    yield check("chat, video/jpeg as vLLM", bool(answer.choices[0].message.content), answer.choices[0].message.content)

    pieces, usage = [], None
    stream = ask(
        model=MODEL,
        messages=question("Describe the video.", video_part()),
        stream=True,
        stream_options={"include_usage": True},
    )
    for chunk in stream:
        usage = chunk.usage or usage
        pieces += [choice.delta.content or "" for choice in chunk.choices]
    yield check("chat, streamed", "".join(pieces) == ANSWER and len(pieces) > 5, f"{len(pieces)} pieces")
    yield check("streamed usage", usage.completion_tokens > 5, usage.total_tokens)

    answer = ask(
        model=MODEL,
        messages=question("Describe the video.", video_part()),
        logprobs=True,
        top_logprobs=2,
        max_completion_tokens=4,
        temperature=0,
        seed=1,
    )
    tokens = answer.choices[0].logprobs.content
    yield check("logprobs", len(tokens) == 4 and len(tokens[0].top_logprobs) == 2, [each.token for each in tokens])

    answer = ask(
        model=MODEL,
        messages=question("Describe the video.", video_part()),
        extra_body={"purekv": {"compression_ratio": 5, "return_kv_metrics": True}},
    )
    yield check("compression", answer.purekv["kv_compression_ratio"] > 4.5, answer.purekv["kv_compression_ratio"])

    answer = client.completions.create(model=MODEL, prompt="a red 1", max_tokens=4, stop=["."])
    yield check("completions", answer.usage.completion_tokens <= 4, repr(answer.choices[0].text))
    parts = [c.choices[0].text for c in client.completions.create(model=MODEL, prompt="a", max_tokens=4, stream=True)]
    yield check("completions, streamed", len(parts) > 1, parts)


def refusals(client):
    import openai

    def refused(kind, **fields):
        try:
            client.chat.completions.create(**{"model": MODEL, "messages": question("hi"), **fields})
        except kind as error:
            return error.body
        return None

    yield check("n=2 refused", refused(openai.BadRequestError, n=2), "BadRequestError")
    yield check("unknown model", refused(openai.NotFoundError, model="absent"), "NotFoundError")
    robot = [{"role": "robot", "content": "hi"}]
    yield check("the model's refusal", refused(openai.BadRequestError, messages=robot), "BadRequestError")


async def asynchronous(url, key):
    import openai

    async with openai.AsyncOpenAI(base_url=url, api_key=key) as client:
        messages = question("Describe the video.", video_part())
        answers = await asyncio.gather(
            *(client.chat.completions.create(model=MODEL, messages=messages) for _ in range(4))
        )
        texts = {answer.choices[0].message.content for answer in answers}
        first = check("async, four at once", texts == {ANSWER}, texts)
        pieces = []
        stream = await client.chat.completions.create(model=MODEL, messages=messages, stream=True)
        async for chunk in stream:
            pieces += [choice.delta.content or "" for choice in chunk.choices]
        second = check("async, streamed", "".join(pieces) == ANSWER, f"{len(pieces)} pieces")
        stream = await client.chat.completions.create(model=MODEL, messages=messages, stream=True)
        async for chunk in stream:
            await stream.close()
            break
        after = await client.chat.completions.create(model=MODEL, messages=messages)
        third = check("async, closed early", after.choices[0].message.content == ANSWER, "the next one is answered")
        return [first, second, third]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8000/v1")
    parser.add_argument("--key", default="none", help="an API key, where the server asks for one")
    parser.add_argument("--venv", type=Path, default=Path(tempfile.gettempdir()) / "purekv-openai-client")
    arguments = parser.parse_args()
    enter_environment(arguments.venv)

    import openai

    print(f"openai {openai.__version__}, Python {sys.version.split()[0]}")
    client = openai.OpenAI(base_url=arguments.url, api_key=arguments.key, max_retries=0)
    results = [*synchronous(client), *refusals(client), *asyncio.run(asynchronous(arguments.url, arguments.key))]
    print(f"{sum(map(bool, results))} of {len(results)} checks hold")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
