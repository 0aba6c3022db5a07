"""The calls that are no inference: the same for both clients, whose methods differ in that one kind is awaited."""

import base64
import json

import calls

CONFIG = json.dumps(
    {
        "backend": "purekv",
        "parameters": {"stage": {"string_value": "kv_compression"}, "compression_ratio": {"string_value": "3"}},
    }
)


def control_calls(client):
    """(name, call, status of the refusal that is expected or None), in order."""
    yield "is_server_live", lambda: calls.equal(client.is_server_live(), True), None
    yield "is_server_ready", lambda: calls.equal(client.is_server_ready(), True), None
    yield "is_model_ready", lambda: calls.equal(client.is_model_ready(calls.STREAMED), True), None
    yield "is_model_ready (unknown)", lambda: calls.equal(client.is_model_ready("none"), False), None
    yield "get_server_metadata", lambda: client.get_server_metadata(as_json=True), None
    yield "get_model_metadata", lambda: client.get_model_metadata(calls.STREAMED, as_json=True), None
    yield "get_model_metadata (unknown)", lambda: client.get_model_metadata("none"), "NOT_FOUND"
    yield "get_model_config", lambda: client.get_model_config(calls.STREAMED, as_json=True), None
    yield "get_model_repository_index", lambda: client.get_model_repository_index(as_json=True), None
    yield "load_model", lambda: client.load_model(calls.SINGLE), None
    yield "load_model (config)", lambda: client.load_model(calls.SINGLE, config=CONFIG), None
    yield (
        "load_model (config, files)",
        lambda: client.load_model(calls.SINGLE, config=CONFIG, files={"file:1/note": b"empty"}),
        None,
    )
    yield "load_model (bad config)", lambda: client.load_model(calls.SINGLE, config="{"), "INVALID_ARGUMENT"
    yield "unload_model", lambda: client.unload_model(calls.SINGLE), None
    yield "load_model (again)", lambda: client.load_model(calls.SINGLE), None
    yield "get_inference_statistics", lambda: client.get_inference_statistics(as_json=True), None
    yield "get_trace_settings", lambda: client.get_trace_settings(as_json=True), None
    yield (
        "update_trace_settings (off)",
        lambda: client.update_trace_settings(settings={"trace_level": ["OFF"]}),
        None,
    )
    yield (
        "update_trace_settings (tensors)",
        lambda: client.update_trace_settings(settings={"trace_level": ["TENSORS"]}),
        "UNIMPLEMENTED",
    )
    yield "update_trace_settings (clear)", lambda: client.update_trace_settings(settings={"trace_level": []}), None
    yield "update_log_settings", lambda: client.update_log_settings({"log_verbose_level": 0}), None
    yield "get_log_settings", lambda: client.get_log_settings(as_json=True), None
    yield "get_cuda_shared_memory_status", lambda: client.get_cuda_shared_memory_status(as_json=True), None
    yield (
        "register_cuda_shared_memory",
        lambda: client.register_cuda_shared_memory("gpu", base64.b64encode(bytes(64)), 0, 64),
        "UNIMPLEMENTED",
    )
    yield "unregister_cuda_shared_memory", lambda: client.unregister_cuda_shared_memory(), None
    yield "unregister_system_shared_memory", lambda: client.unregister_system_shared_memory(), None
    yield (
        "get_system_shared_memory_status",
        lambda: client.get_system_shared_memory_status(as_json=True),
        None,
    )
