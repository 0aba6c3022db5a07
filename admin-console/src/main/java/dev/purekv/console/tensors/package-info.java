/** What every door that speaks KServe asks of the tensors in a request, before they reach native code. */
package dev.purekv.console.tensors;
