/** Keys and values of the tokens that a sequence has seen. */
package dev.purekv.cache;
