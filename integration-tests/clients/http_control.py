"""The HTTP calls that are no inference: the same for both clients, whose methods differ in that one kind is awaited."""

import base64

import calls
from control_calls import CONFIG

CUDA = base64.b64encode(bytes(64))
TRACED = {"trace_level": ["TIMESTAMPS"], "trace_rate": "1", "trace_count": "5", "log_frequency": "0"}
CLEARED = {name: None for name in TRACED}


def control_calls(client, traces):
    """(name, call, words of the refusal that is expected or None), in order; `traces`: whether the server has a file."""
    single, streamed = calls.SINGLE, calls.STREAMED
    no_file = None if traces else "501"
    yield "is_server_live", lambda: calls.equal(client.is_server_live(), True), None
    yield "is_server_ready", lambda: calls.equal(client.is_server_ready(), True), None
    yield "is_model_ready", lambda: calls.equal(client.is_model_ready(streamed), True), None
    yield "is_model_ready (unknown)", lambda: calls.equal(client.is_model_ready("none"), False), None
    yield "get_server_metadata", lambda: client.get_server_metadata(), None
    yield "get_model_metadata", lambda: client.get_model_metadata(streamed), None
    yield "get_model_metadata (unknown)", lambda: client.get_model_metadata("none"), "404"
    yield "get_model_metadata (odd name)", lambda: client.get_model_metadata("ein modell ä"), "unknown model: 'ein modell ä'"
    yield "get_model_config", lambda: client.get_model_config(streamed), None
    yield "get_model_repository_index", lambda: client.get_model_repository_index(), None
    yield "load_model", lambda: client.load_model(single), None
    yield "load_model (config)", lambda: client.load_model(single, config=CONFIG), None
    yield (
        "load_model (config, files)",
        lambda: client.load_model(single, config=CONFIG, files={"file:1/note": b"empty"}),
        None,
    )
    yield "load_model (bad config)", lambda: client.load_model(single, config="{"), "400"
    yield (
        "load_model (file outside)",
        lambda: client.load_model(single, config=CONFIG, files={"file:../x": b""}),
        "400",
    )
    yield "unload_model", lambda: client.unload_model(single), None
    yield "load_model (again)", lambda: client.load_model(single), None
    yield "get_inference_statistics", lambda: client.get_inference_statistics(), None
    yield "get_inference_statistics (model)", lambda: client.get_inference_statistics(single), None
    yield "get_trace_settings", lambda: client.get_trace_settings(), None
    yield "update_trace_settings", lambda: client.update_trace_settings(settings=TRACED), no_file
    yield "update_trace_settings (model)", lambda: client.update_trace_settings(single, {"trace_rate": "2"}), None
    yield "get_trace_settings (model)", lambda: client.get_trace_settings(single), None
    yield "update_trace_settings (clear model)", lambda: client.update_trace_settings(single, {"trace_rate": None}), None
    yield "update_trace_settings (clear)", lambda: client.update_trace_settings(settings=CLEARED), None
    yield "update_trace_settings (file)", lambda: client.update_trace_settings(settings={"trace_file": "/x"}), "501"
    yield "get_trace_settings (unknown)", lambda: client.get_trace_settings("none"), "400"
    yield "update_log_settings", lambda: client.update_log_settings({"log_verbose_level": 0}), None
    yield "update_log_settings (file)", lambda: client.update_log_settings({"log_file": "/x"}), "501"
    yield "get_log_settings", lambda: client.get_log_settings(), None
    yield "get_cuda_shared_memory_status", lambda: client.get_cuda_shared_memory_status(), None
    yield "register_cuda_shared_memory", lambda: client.register_cuda_shared_memory("gpu", CUDA, 0, 64), "501"
    yield "unregister_cuda_shared_memory", lambda: client.unregister_cuda_shared_memory(), None
    yield "get_system_shared_memory_status", lambda: client.get_system_shared_memory_status(), None
    yield "unregister_system_shared_memory", lambda: client.unregister_system_shared_memory(), None
    yield (
        "register_system_shared_memory (none there)",
        lambda: client.register_system_shared_memory("none", "/purekv_clients_none", 64),
        "400",
    )
