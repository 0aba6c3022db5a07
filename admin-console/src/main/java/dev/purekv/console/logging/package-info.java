/** The log: Triton's settings of it for every door that speaks KServe, and the tail of both sides for the console. */
package dev.purekv.console.logging;
