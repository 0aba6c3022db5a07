"""Tensors of the stage in system shared memory."""

import numpy as np
import tritonclient.utils.shared_memory as shm

import calls


class SharedTensors:
    """One object that holds the inputs, and room for the kept keys behind them. `kind` is a module of tritonclient."""

    def __init__(self, kind, key):
        self.kind = kind
        self.arrays = calls.stage_arrays()
        self.key = key
        self.input_bytes = sum(array.nbytes for array in self.arrays.values())
        self.bytes = 2 * self.input_bytes
        self.handle = shm.create_shared_memory_region("tensors", key, self.bytes)
        shm.set_shared_memory_region(self.handle, list(self.arrays.values()))

    def inputs(self):
        inputs, offset = [], 0
        for name, array in self.arrays.items():
            tensor = self.kind.InferInput(name, array.shape, "FP32")
            tensor.set_shared_memory("tensors", array.nbytes, offset)
            offset += array.nbytes
            inputs.append(tensor)
        return inputs

    def outputs(self):
        keys = self.kind.InferRequestedOutput("KEYS")
        keys.set_shared_memory("tensors", self.input_bytes, self.input_bytes)
        return [keys, self.kind.InferRequestedOutput("KEPT_INDICES")]

    def check(self, result):
        output = result.get_output("KEYS")  # of gRPC a message, of HTTP a dictionary
        shape = tuple(output["shape"] if isinstance(output, dict) else output.shape)
        keys = shm.get_contents_as_numpy(self.handle, np.float32, shape, offset=self.input_bytes)
        return calls.check_stage(result, self.arrays, keys)

    def close(self):
        shm.destroy_shared_memory_region(self.handle)
