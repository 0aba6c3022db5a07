"""tritonclient.http.InferenceServerClient"""

import http.client

import tritonclient.http as httpclient
from tritonclient.http import InferenceServerClientPlugin

import calls
from http_control import CLEARED, TRACED, control_calls
from shared_tensors import SharedTensors


def run(table, client, url):
    def attempt(method, call, refused_with=None):
        table.attempt("http", method, call, refused_with)

    traces = client.get_trace_settings()["trace_file"] != ""
    for method, call, refused_with in control_calls(client, traces):
        attempt(method, call, refused_with)
    attempt("infer (binary)", lambda: infer(client))
    attempt("infer (JSON)", lambda: as_json(client))
    for coding in ("gzip", "deflate"):
        attempt(f"infer ({coding} both ways)", lambda: compressed(client, coding))
    attempt("infer (outputs, classes)", lambda: classified(client))
    attempt("infer (decoupled model)", lambda: client.infer(calls.STREAMED, calls.prompt(httpclient, "hi")[0]), "501")
    attempt("infer (missing input)", lambda: client.infer(calls.SINGLE, []), "400")
    attempt("infer (unknown model)", lambda: infer(client, model="none"), "404")
    attempt("async_infer (8 at a time)", lambda: async_infer(client))
    attempt("async_infer (unknown model)", lambda: async_infer(client, "none"), "404")
    attempt("generate_request_body, parse_response_body", lambda: by_hand(url))
    attempt("register_system_shared_memory, infer", lambda: shared(client))
    attempt("register_plugin, plugin, unregister_plugin", lambda: plugged(client))
    if traces:
        attempt("update_trace_settings, infer", lambda: traced(client))


def inputs(arrays, **options):
    return calls.stage_inputs(httpclient, arrays, **options)


def infer(client, model=calls.SINGLE, **options):
    arrays = calls.stage_arrays()
    result = client.infer(
        model,
        inputs(arrays),
        request_id="1",
        parameters=calls.STAGE_PARAMETERS,
        priority=1,
        timeout=10_000_000,
        **options,
    )
    assert result.get_response()["id"] == "1"
    return calls.check_stage(result, arrays)


def as_json(client):
    arrays = calls.stage_arrays()
    outputs = [httpclient.InferRequestedOutput(name, binary_data=False) for name in ("KEPT_INDICES", "KEYS")]
    result = client.infer(calls.SINGLE, inputs(arrays, binary_data=False), outputs=outputs)
    assert "data" in result.get_output("KEYS")
    return calls.check_stage(result, arrays)


def compressed(client, coding):
    return infer(client, request_compression_algorithm=coding, response_compression_algorithm=coding)


def classified(client):
    wanted = httpclient.InferRequestedOutput("KEPT_INDICES", binary_data=False, class_count=2)
    result = client.infer(calls.SINGLE, inputs(calls.stage_arrays()), outputs=[wanted])
    return result.as_numpy("KEPT_INDICES").tolist()


def async_infer(client, model=calls.SINGLE):
    arrays = calls.stage_arrays()
    requests = [client.async_infer(model, inputs(arrays)) for _ in range(8)]
    words = [calls.check_stage(request.get_result(timeout=60), arrays) for request in requests]
    return f"{words[0]}, {len(words)} times"


def by_hand(url):
    arrays = calls.stage_arrays()
    body, json_bytes = httpclient.InferenceServerClient.generate_request_body(inputs(arrays))
    connection = http.client.HTTPConnection(url)
    headers = {"Inference-Header-Content-Length": str(json_bytes)}
    connection.request("POST", f"/v2/models/{calls.SINGLE}/infer", body, headers)
    response = connection.getresponse()
    length = int(response.getheader("Inference-Header-Content-Length"))
    result = httpclient.InferenceServerClient.parse_response_body(response.read(), header_length=length)
    return calls.check_stage(result, arrays)


def shared(client):
    tensors = SharedTensors(httpclient, "/purekv_clients_http")
    try:
        client.register_system_shared_memory("tensors", tensors.key, tensors.bytes)
        assert client.get_system_shared_memory_status("tensors")[0]["key"] == tensors.key
        words = tensors.check(client.infer(calls.SINGLE, tensors.inputs(), outputs=tensors.outputs()))
        client.unregister_system_shared_memory("tensors")
        return words
    finally:
        tensors.close()


class Counting(InferenceServerClientPlugin):
    def __init__(self):
        self.requests = 0

    def __call__(self, request):
        self.requests += 1
        request.headers["x-counted"] = str(self.requests)


def plugged(client):
    plugin = Counting()
    client.register_plugin(plugin)
    assert client.plugin() is plugin
    client.is_server_live()
    client.unregister_plugin()
    client.is_server_live()
    return f"saw {plugin.requests} request"


def traced(client):
    client.update_trace_settings(settings=TRACED)
    for _ in range(2):
        infer(client)
    left = client.get_trace_settings()["trace_count"]
    client.update_trace_settings(settings=CLEARED)
    assert left == "3", left
    return "2 of 5 traces taken"
