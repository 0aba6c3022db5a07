package dev.purekv.console.kserve;

/** Where the elements of an output are, as seen from an answer's JSON. */
enum OutputPlace {
    JSON,
    /** After it. */
    BINARY,
    SHARED
}
