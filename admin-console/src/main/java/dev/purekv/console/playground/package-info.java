/** Asking a model from the console: under two settings side by side, with what the cache kept drawn over the frames. */
package dev.purekv.console.playground;
