package dev.purekv.console.config;

/**
 * A parameter as it stands in a config.pbtxt.
 *
 * @param start of what must go for the parameter to go, in characters
 * @param end after that
 * @param valueStart of its value, quotes included
 * @param valueEnd after it
 */
record ConfigParameter(String name, String value, int start, int end, int valueStart, int valueEnd) {}
