package dev.purekv.console.sharedmemory;

/**
 * A registered part of a shared memory object.
 *
 * @param name by which requests mean it
 * @param key of the object, as shm_open takes it
 * @param offset of its first byte in the object
 */
public record Region(String name, String key, long offset, long bytes) {}
