package dev.purekv.console.openai;

/** The two forms that answers have. */
enum Shape {
    CHAT("chatcmpl-", "chat.completion", "chat.completion.chunk"),
    COMPLETION("cmpl-", "text_completion", "text_completion");

    private final String idPrefix;
    private final String whole;
    private final String chunk;

    Shape(String idPrefix, String whole, String chunk) {
        this.idPrefix = idPrefix;
        this.whole = whole;
        this.chunk = chunk;
    }

    String idPrefix() {
        return idPrefix;
    }

    /** The value of {@code object}. */
    String object(boolean stream) {
        return stream ? chunk : whole;
    }
}
