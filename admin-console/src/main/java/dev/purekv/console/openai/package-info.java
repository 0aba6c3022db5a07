/**
 * OpenAI's API below {@code /v1} on the HTTP door: models, chat completions and completions, for any client that speaks it.
 * Shapes and errors are OpenAI's (openai-openapi, 2.3.0); what a request says of cache compression is in its object
 * {@code purekv}.
 */
package dev.purekv.console.openai;
