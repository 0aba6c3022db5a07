"""Makes the chat template and tokenizer goldens under backend/src/test/resources/golden/text.

Requires: transformers==4.57.6 tokenizers==0.22.2 jinja2==3.1.6.
Run: python3 integration-tests/reference/make_text_goldens.py

The folder "demonstration" holds the small files of the demonstration checkpoint. "published" holds a template that does
what Qwen2.5-VL's does (counters in namespaces, add_vision_id), "strict" one that uses the rest of what templates use.
"""
import json
import random
from pathlib import Path

import jinja2
import tokenizers
import transformers
from transformers.utils.chat_template_utils import render_jinja_template

FOLDER = Path(__file__).resolve().parents[2] / "backend/src/test/resources/golden/text"

PUBLISHED = """{% set image_count = namespace(value=0) %}{% set video_count = namespace(value=0) %}{% for message in messages %}{% if loop.first and message['role'] != 'system' %}<|im_start|>system
You are a helpful assistant.<|im_end|>
{% endif %}<|im_start|>{{ message['role'] }}
{% if message['content'] is string %}{{ message['content'] }}<|im_end|>
{% else %}{% for content in message['content'] %}{% if content['type'] == 'image' or 'image' in content or 'image_url' in content %}{% set image_count.value = image_count.value + 1 %}{% if add_vision_id %}Picture {{ image_count.value }}: {% endif %}<|vision_start|><|image_pad|><|vision_end|>{% elif content['type'] == 'video' or 'video' in content %}{% set video_count.value = video_count.value + 1 %}{% if add_vision_id %}Video {{ video_count.value }}: {% endif %}<|vision_start|><|video_pad|><|vision_end|>{% elif 'text' in content %}{{ content['text'] }}{% endif %}{% endfor %}<|im_end|>
{% endif %}{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""

STRICT = """{%- if messages[0]['role'] == 'system' %}
    {%- set system = messages[0]['content'] | trim %}
    {%- set rest = messages[1:] %}
{%- else %}
    {%- set system = none %}
    {%- set rest = messages %}
{%- endif %}
{{- bos_token }}
{%- for message in rest %}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('roles must alternate user/assistant/user/assistant') }}
    {%- endif %}
    {%- if message.content is string %}
        {%- set text = message.content %}
    {%- else %}
        {%- set ns = namespace(text='') %}
        {%- for part in message.content %}
            {%- if part.type == 'text' %}{% set ns.text = ns.text ~ part.text %}{% else %}{% set ns.text = ns.text + '<' + part.type + '>' %}{% endif %}
        {%- endfor %}
        {%- set text = ns.text %}
    {%- endif %}
    {%- if message['role'] == 'user' and loop.first and system is not none and system is defined %}
        {{- '[INST] ' ~ system ~ '\\n\\n' ~ text | trim ~ ' [/INST]' }}
    {%- elif message['role'] == 'user' %}
        {{- '[INST] ' + text.strip() + ' [/INST]' }}
    {%- elif message['role'] in ['assistant', 'model'] %}
        {{- ' ' + text + eos_token }}
    {%- else %}
        {{- raise_exception('unknown role ' + message['role']) }}
    {%- endif %}
    {%- if not loop.last %}
{{ '' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt and documents is none %}
    {{- ' ' }}
{%- endif %}
"""


def say(role, *parts):
    content = [p if isinstance(p, dict) else {"type": "text", "text": p} for p in parts]
    text_only = all(p["type"] == "text" for p in content)
    return {"role": role, "content": "".join(p["text"] for p in content) if text_only else content}


IMAGE, VIDEO = {"type": "image"}, {"type": "video"}
CONVERSATIONS = [
    [say("user", "Hello")],
    [say("system", "Be brief."), say("user", "Hi")],
    [say("user", VIDEO, "Which digit flashes?")],
    [say("user", IMAGE, "one ", IMAGE, " two")],
    [say("system", "You see."), say("user", VIDEO, "and", IMAGE, "?"), say("assistant", "a 3"), say("user", "sure?")],
    [say("user", "a"), say("assistant", "b"), say("user", IMAGE), say("assistant", "c"), say("user", VIDEO, "d")],
    [say("user", "<b>&amp; \"quoted\" 'single' \\n \\ back</b>")],
    [say("user", "{{ 1 }} {% if true %}x{% endif %} {# c #} {{ messages }} ${x} #{x}")],
    [say("user", VIDEO, "{{ 7 * 7 }}{% raw %}")],
    [say("user", "Grüße, 世界 👋🏽 e\u0301 \u200d \u00a0 ñ")],
    [say("user", "  spaces   and\n\nnewlines \t tab  \n")],
    [say("user", "")],
]


def render(template, conversation, **more):
    tokens = {"bos_token": "<s>", "eos_token": "</s>"} if template is STRICT else {"eos_token": "<|im_end|>"}
    try:
        return render_jinja_template([conversation], chat_template=template, **tokens, **more)[0][0]
    except jinja2.exceptions.TemplateError as refused:
        return {"refused": str(refused)}


def texts():
    rng = random.Random(11)
    ranges = [(0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x4FF), (0x4E00, 0x4EFF), (0x1F300, 0x1F6FF), (0x300, 0x36F), (0x9, 0xD), (0xAC00, 0xACFF)]
    drawn = []
    for _ in range(60):
        drawn.append("".join(chr(rng.randint(*rng.choice(ranges))) for _ in range(rng.randint(1, 40))))
    return ["Which way does the red digit move?", "<|im_start|>user\nhi<|im_end|>\n", "12 345", "it's WE'LL", " \n \n", "e\u0301"] + drawn


def main():
    for folder, template in (("published", PUBLISHED), ("strict", STRICT)):
        (FOLDER / folder).mkdir(parents=True, exist_ok=True)
        (FOLDER / folder / "chat_template.json").write_text(json.dumps({"chat_template": template}, indent=1) + "\n")
        (FOLDER / folder / "tokenizer_config.json").write_text(json.dumps(
            {"bos_token": {"content": "<s>"}, "eos_token": "</s>"} if template is STRICT else {"eos_token": "<|im_end|>"}) + "\n")
    demonstration = json.loads((FOLDER / "demonstration/tokenizer_config.json").read_text())["chat_template"]
    tokenizer = tokenizers.Tokenizer.from_file(str(FOLDER / "demonstration/tokenizer.json"))
    cases = []
    for name, template in (("demonstration", demonstration), ("published", PUBLISHED), ("strict", STRICT)):
        for conversation in CONVERSATIONS:
            for generate in (True, False):
                ids = "add_vision_id" in template and generate
                prompt = render(template, conversation, add_generation_prompt=generate, **({"add_vision_id": True} if ids else {}))
                case = {"template": name, "messages": conversation, "generate": generate, "visionIds": ids, "prompt": prompt}
                if name == "demonstration":
                    case["ids"] = tokenizer.encode(prompt, add_special_tokens=False).ids
                cases.append(case)
        cases.append({"template": name, "messages": [say("assistant", "x")], "generate": True, "visionIds": False,
                      "prompt": render(template, [say("assistant", "x")], add_generation_prompt=True)})
    golden = {"versions": {"transformers": transformers.__version__, "jinja2": jinja2.__version__, "tokenizers": tokenizers.__version__},
              "chats": cases,
              "texts": [{"text": t, "ids": tokenizer.encode(t, add_special_tokens=False).ids,
                         "decoded": tokenizer.decode(tokenizer.encode(t, add_special_tokens=False).ids, skip_special_tokens=False)}
                        for t in texts()]}
    (FOLDER / "text.json").write_text(json.dumps(golden, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
