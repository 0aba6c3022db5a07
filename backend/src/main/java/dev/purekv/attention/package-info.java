/** Attention over keys and values that are already rotated: the definition, and the fused kernels held to it. */
package dev.purekv.attention;
