package dev.purekv.console.remote;

import java.time.Duration;
import java.time.Instant;

/**
 * How a model of an endpoint stands to what is wanted of it.
 *
 * @param wanted the id of the {@link WantedState}
 * @param words what was done, or why it was not
 * @param at since when
 * @param attempts that failed one after another
 * @param nextTry when another is worth it; null for at once
 */
record Standing(long wanted, State state, String words, Instant at, int attempts, Instant nextTry) {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final int MOST_DOUBLINGS = 5;
    private static final Duration LONGEST_PAUSE = FIRST_PAUSE.multipliedBy(1L << MOST_DOUBLINGS);

    /** See {@link #word}. */
    enum State {
        APPLYING("applying", "warn"),
        APPLIED("as wanted", "good"),
        REFUSED("refused", "bad"),
        UNREACHABLE("not reached", "bad"),
        NOT_SERVED("not served there", "warn");

        private final String word;
        private final String tone;

        State(String word, String tone) {
            this.word = word;
            this.tone = tone;
        }
    }

    static Standing of(WantedState wanted, State state, String words, Instant now) {
        return new Standing(wanted.id(), state, words, now, 0, null);
    }

    /** A failed attempt; the pause before the next doubles, from 5 seconds to 160. */
    Standing refused(String why, Instant now) {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(attempts, MOST_DOUBLINGS));
        return new Standing(wanted, State.REFUSED, why, now, attempts + 1, now.plus(pause));
    }

    Standing applying(Instant now) {
        return new Standing(wanted, State.APPLYING, words, now, attempts, null);
    }

    Standing since(Instant earlier) {
        return new Standing(wanted, state, words, earlier, attempts, nextTry);
    }

    /** A next try that is further away than any pause is from before the clock went back. */
    boolean mayTry(Instant now) {
        return nextTry == null || !now.isBefore(nextTry) || nextTry.isAfter(now.plus(LONGEST_PAUSE));
    }

    boolean says(State other, String otherWords) {
        return state == other && words.equals(otherWords);
    }

    public boolean applying() {
        return state == State.APPLYING;
    }

    public String word() {
        return state.word;
    }

    public String tone() {
        return state.tone;
    }
}
