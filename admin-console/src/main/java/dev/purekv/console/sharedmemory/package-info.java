/** Tensors in POSIX shared memory of this machine, for every door that speaks KServe. */
package dev.purekv.console.sharedmemory;
