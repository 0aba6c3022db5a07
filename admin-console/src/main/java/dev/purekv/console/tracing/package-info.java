/** Triton's trace settings, and the files that traces go to. In Triton, too, both belong to the program around the library. */
package dev.purekv.console.tracing;
