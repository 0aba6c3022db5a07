/** Triton servers elsewhere: what they serve, the settings that are wanted of a group of them, and the way there. */
package dev.purekv.console.remote;
