/** Requests that no client should send, against a running server. */
package dev.purekv.fuzz;
