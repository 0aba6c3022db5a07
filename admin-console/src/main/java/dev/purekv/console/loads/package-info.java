/** Loads of models, whichever door asked for them, and why they failed. */
package dev.purekv.console.loads;
