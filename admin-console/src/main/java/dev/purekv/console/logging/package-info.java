/** The settings of Triton's log, for every door that speaks KServe. */
package dev.purekv.console.logging;
