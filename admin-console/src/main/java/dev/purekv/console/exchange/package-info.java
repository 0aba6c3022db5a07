/**
 * What the protocols of the HTTP door share. A request's body is read without holding a thread, and so is an inference
 * answered: {@link dev.purekv.console.exchange.Exchange} takes what the server says on the server's threads and writes when
 * the client can take it.
 */
package dev.purekv.console.exchange;
