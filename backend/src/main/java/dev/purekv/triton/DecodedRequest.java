package dev.purekv.triton;

import dev.purekv.engine.GenerationRequest;

/** A Triton request in our own terms; nothing in it points to Triton's memory. */
record DecodedRequest(GenerationRequest generation, AnswerForm form) {}
