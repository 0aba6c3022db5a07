package dev.purekv.server;

/**
 * A tensor on the wire.
 *
 * @param datatype KServe's name: BOOL, UINT8 ... INT64, FP16, BF16, FP32, FP64, BYTES
 * @param data little endian, row-major; each BYTES element is its length (uint32) and its bytes
 */
public record TensorData(String name, String datatype, long[] shape, byte[] data) {}
