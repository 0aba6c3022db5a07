package dev.purekv.console.kserve;

/** How much one request may send. */
record RequestLimits(long maxRequestBytes) {}
