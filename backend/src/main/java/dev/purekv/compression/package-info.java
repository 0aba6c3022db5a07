/**
 * Which entries of a prompt's cache are kept. A method is three roles that know nothing of each other: a
 * {@link dev.purekv.compression.Scorer} says which entries matter, a {@link dev.purekv.compression.Budget} how many each
 * layer keeps, a {@link dev.purekv.compression.Protection} which are kept whatever their score. All are immutable and
 * hold nothing between requests; what one prefill gathers lives in {@link dev.purekv.compression.PrefillCompression}.
 */
package dev.purekv.compression;
