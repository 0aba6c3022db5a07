/**
 * KServe v2 over gRPC, as Triton serves it on port 8001.
 *
 * <p>References: grpc_service.proto and src/grpc of Triton r24.10. A message counts against a budget from its first byte
 * until its inference has ended ({@code InboundBytes}); responses go through bounded queues, so that no thread of the
 * server's waits for a client ({@code Outbox}).
 */
package dev.purekv.console.grpc;
