// The playground's question as it is asked from elsewhere.
window.Commands = (function () {
  const quoted = (text) => "'" + text.replaceAll("'", "'\\''") + "'";
  const python = (value) => JSON.stringify(value);
  const host = location.hostname; // the doors and this page share their address
  const key = (ask) => (ask.keys ? "Bearer $PUREKV_KEY" : "");

  function curl(ask) {
    const body = { text_input: ask.text, exclude_input_in_output: true, parameters: ask.parameters };
    const json = JSON.stringify(body).slice(0, -1);
    return "curl -s " + (ask.keys ? "-H \"Authorization: " + key(ask) + "\" " : "") + ask.scheme + "://" + host + ":" + ask.port + "/v2/models/"
      + encodeURIComponent(ask.model) + "/generate -d @- <<REQUEST\n"
      + json.replaceAll("\\", "\\\\").replaceAll("$", "\\$").replaceAll("`", "\\`")
      + (ask.media ? ',"' + ask.media + '":"$(base64 -w0 ' + quoted(ask.file) + ')"' : "") + "}\nREQUEST\n";
  }

  function tritonclient(ask) {
    const lines = [
      "import numpy as np, tritonclient.grpc as grpc" + (ask.keys ? ", os" : ""),
      "",
      "def tensor(name, value, kind):",
      "    given = grpc.InferInput(name, [1], kind)",
      "    given.set_data_from_numpy(np.array([value], dtype=object if kind == \"BYTES\" else bool))",
      "    return given",
      "",
      "inputs = [tensor(\"text_input\", " + python(ask.text) + ".encode(), \"BYTES\"),",
      "          tensor(\"stream\", True, \"BOOL\"), tensor(\"exclude_input_in_output\", True, \"BOOL\")]",
    ];
    if (ask.media) {
      lines.push("inputs.append(tensor(" + python(ask.media) + ", open(" + python(ask.file) + ", \"rb\").read(), \"BYTES\"))");
    }
    lines.push(
      "client = grpc.InferenceServerClient(\"" + host + ":" + ask.grpcPort + "\"" + (ask.scheme === "https" ? ", ssl=True" : "") + ")",
      "client.start_stream(lambda result, error: print(error or result.as_numpy(\"text_output\")[0].decode(), end=\"\", flush=True)"
        + (ask.keys ? ",\n                    headers={\"authorization\": \"Bearer \" + os.environ[\"PUREKV_KEY\"]}" : "") + ")",
      "client.async_stream_infer(" + python(ask.model) + ", inputs, parameters=" + python(ask.parameters).replaceAll("true", "True") + ")",
      "client.stop_stream()",
    );
    return lines.join("\n") + "\n";
  }

  function openai(ask) {
    const own = Object.fromEntries(Object.entries(ask.parameters).filter(([name]) => name !== "max_tokens"));
    const lines = ["import base64" + (ask.keys ? ", os" : ""), "from openai import OpenAI", ""];
    const content = ["{\"type\": \"text\", \"text\": " + python(ask.text) + "}"];
    if (ask.media) {
      const kind = ask.media === "video" ? "video_url" : "image_url";
      lines.push("data = base64.b64encode(open(" + python(ask.file) + ", \"rb\").read()).decode()");
      content.unshift("{\"type\": \"" + kind + "\", \"" + kind + "\": {\"url\": \"data:" + (ask.type || "video/mp4") + ";base64,\" + data}}");
    }
    lines.push(
      "client = OpenAI(base_url=\"" + ask.scheme + "://" + host + ":" + ask.port + "/v1\", api_key=" + (ask.keys ? "os.environ[\"PUREKV_KEY\"]" : "\"none\"") + ")",
      "answer = client.chat.completions.create(",
      "    model=" + python(ask.model) + ", max_tokens=" + ask.parameters.max_tokens + ",",
      "    messages=[{\"role\": \"user\", \"content\": [" + content.join(", ") + "]}],",
      "    extra_body={\"purekv\": " + python(own) + "})",
      "print(answer.choices[0].message.content)",
    );
    return lines.join("\n") + "\n";
  }

  return { curl: curl, python: tritonclient, openai: openai };
})();
