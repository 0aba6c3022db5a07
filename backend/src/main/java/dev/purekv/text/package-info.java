/**
 * Words to tokens and back: tokenizer, chat template, streamed decoding. The tokenizer library's types stay inside.
 */
package dev.purekv.text;
