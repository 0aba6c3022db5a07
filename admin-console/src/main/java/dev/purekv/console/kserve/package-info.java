/**
 * The KServe v2 HTTP door with Triton's generate extension: paths, JSON and status codes are Triton's
 * (triton-inference-server/server, src/http_server.cc).
 */
package dev.purekv.console.kserve;
