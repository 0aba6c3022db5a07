/**
 * Generation: one engine thread a model, which owns the model and its sequences, and takes one step at a time.
 *
 * <p>Requests come in through {@link dev.purekv.engine.Engine#submit}, answers go out through
 * {@link dev.purekv.engine.AnswerSink}, cancellation is a question asked at each step. Nothing here knows Triton.
 */
package dev.purekv.engine;
