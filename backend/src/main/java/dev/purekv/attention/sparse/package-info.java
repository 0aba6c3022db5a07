/**
 * Spatial-temporal sparse attention: which earlier tokens a visual token of the prompt looks at, as a value, and two ways to
 * compute it, one by the definition and one fast.
 */
package dev.purekv.attention.sparse;
