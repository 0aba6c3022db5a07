/**
 * The KServe v2 HTTP door with Triton's generate extension: paths, JSON and status codes are Triton's
 * (triton-inference-server/server, src/http_server.cc).
 *
 * <p>A request's body is read without holding a thread, and so is an inference answered: {@link
 * dev.purekv.console.kserve.Exchange} takes what the server says on the server's threads and writes when the client can
 * take it.
 */
package dev.purekv.console.kserve;
