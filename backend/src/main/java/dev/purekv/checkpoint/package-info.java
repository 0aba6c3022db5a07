/**
 * Checkpoints in the Hugging Face layout: safetensors files, one or several with an index, mapped into memory and read by
 * tensor name and expected shape. Knows nothing of any model.
 */
package dev.purekv.checkpoint;
