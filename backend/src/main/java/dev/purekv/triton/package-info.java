/**
 * The only package that names Triton: its backend's entry points, requests and responses on one side, and a whole Triton
 * server embedded in this JVM on the other.
 *
 * <p>{@link dev.purekv.triton.Backend} is what Triton calls, through the shim, whether the server is embedded or the stock program;
 * it talks back through {@link dev.purekv.triton.BackendApi}. {@link dev.purekv.triton.EmbeddedServer} is a server of our own.
 */
package dev.purekv.triton;
