package dev.purekv.evaluation;

/**
 * One question about one clip.
 *
 * @param clip name of the file, relative to the set
 * @param kind groups questions in the results
 * @param answer the whole text that counts as right
 * @param next the question that follows in the same conversation; null for the last one about a clip
 */
record Question(String clip, String kind, String question, String answer, Question next) {
    /** What tells it from every other question of a set. */
    String key() {
        return clip + "|" + question;
    }

    Question followedBy(Question other) {
        return new Question(clip, kind, question, answer, other);
    }
}
