/**
 * Qwen2.5-VL: configuration, vision tower, positions, decoder. Reference: transformers 4.57.6,
 * {@code modeling_qwen2_5_vl.py}, float32.
 */
package dev.purekv.model.qwen25vl;
