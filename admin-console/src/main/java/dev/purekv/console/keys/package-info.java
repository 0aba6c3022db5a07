/**
 * API keys: who may do what at the doors without a login.
 *
 * <p>A key is 256 random bits, so its hash is one round of SHA-256: there is nothing to guess that a slow hash would
 * protect.
 */
package dev.purekv.console.keys;
