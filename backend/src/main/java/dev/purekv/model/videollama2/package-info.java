/**
 * VideoLLaMA2 of both generations: a CLIP or SigLIP tower that sees frames one by one, the spatial-temporal convolution
 * connector that joins them into slices, and a Mistral or Qwen2 decoder. Reference: the repository DAMO-NLP-SG/VideoLLaMA2 at
 * commit c0bb03a with transformers 4.40.0 and timm 1.0.3, float32.
 */
package dev.purekv.model.videollama2;
