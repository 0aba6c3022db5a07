/**
 * The decoder that the model families have in common: grouped-head attention with rotary positions, and SwiGLU, as Qwen2 and
 * Mistral have it; and how a prompt with images and videos in it is read, cut and continued. A family brings what differs: its
 * vision, its positions, and where visual tokens stand. Reference: transformers {@code modeling_qwen2.py},
 * {@code modeling_mistral.py}, float32.
 */
package dev.purekv.model.decoder;
