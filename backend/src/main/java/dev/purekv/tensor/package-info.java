/**
 * LibTorch as the backend uses it: start-up, scopes for native memory, and the one vocabulary of dimensions.
 *
 * <p>Dimensions, in every Javadoc and trailing comment: {@code B} batch, {@code T} tokens (or grid slices where a grid is
 * spoken of), {@code N} prompt tokens, {@code H} query heads, {@code G} key/value heads, {@code D} head width, {@code C}
 * hidden width, {@code L} layers, {@code F} frames, {@code P} patches, {@code V} vocabulary.
 *
 * <p>Native memory has three lifetimes: process or model (an extended scope in an owner that is closed), sequence (the KV
 * cache), step (one {@code PointerScope} a step or a layer). Inside the mathematics nobody closes or detaches anything;
 * results leave through {@link dev.purekv.tensor.Native#scoped}.
 */
package dev.purekv.tensor;
