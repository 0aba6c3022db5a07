/** What VideoLLaMA2 reads: prompts of both versions of its code, frames, pictures. */
package dev.purekv.model.videollama2.input;
