package dev.purekv.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.model.LoadedModel;
import dev.purekv.settings.KvSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who is prepared, and who is computed, before whom. */
class WaitingRoomTest {
    private static final long LONG_WAIT = TimeUnit.HOURS.toNanos(1);
    private static final long NO_WAIT = 0;

    private final LoadedModel loaded = new FakeModel().loaded();
    private final WaitingRoom room = room(100, TimeUnit.DAYS.toNanos(1));

    private static WaitingRoom room(int prepared, long patience) {
        return new WaitingRoom(new WaitingRoom.Limits(100, prepared, LONG_WAIT, patience));
    }

    private void enter(WaitingRoom room, long priority, long waited) {
        GenerationRequest request = new GenerationRequest(
                (encoder, cancelled) -> FakeModel.prompt(5),
                Map.of(),
                Map.of(),
                System.nanoTime() - waited,
                0,
                priority);
        Sampling sampling = SamplingReader.read(Map.of(), loaded.defaults());
        Ticket.Settings settings = new Ticket.Settings(sampling, KvSettings.DEFAULT);
        room.enter(new Ticket(request, settings, new Client(), Meters.NONE, new OpenRequests(), () -> false));
    }

    private static long priority(WaitingRoom.Seat seat) {
        return seat.ticket().request().priority();
    }

    private boolean prepared(WaitingRoom room, WaitingRoom.Seat seat) {
        return room.prepared(seat, new Session(FakeModel.prompt(5), seat.ticket(), loaded));
    }

    @Test
    void priorityComesFirstAndThenArrival() {
        for (long priority : new long[] {3, 0, 1, -1, 2, 1}) { // unsigned: -1 is the last of all
            enter(room, priority, NO_WAIT);
        }
        List<WaitingRoom.Seat> seats = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            seats.add(room.toPrepare().orElseThrow());
        }
        assertThat(seats).extracting(WaitingRoomTest::priority).containsExactly(1L, 1L, 0L, 2L, 3L, -1L);
        seats.forEach(seat -> assertThat(prepared(room, seat)).isTrue());
        for (WaitingRoom.Seat seat : seats) {
            Session first = room.first().orElseThrow();
            assertThat(first.ticket()).isSameAs(seat.ticket());
            assertThat(room.take(first)).isTrue();
        }
        assertThat(room.waiting()).isZero();
    }

    /** However many of a higher priority come: whoever waited long is prepared, and computed, before them. */
    @Test
    void whoWaitedLongGoesBeforeEveryPriorityByArrival() {
        enter(room, 1, NO_WAIT);
        enter(room, 9, LONG_WAIT);
        enter(room, -1, LONG_WAIT);
        enter(room, 1, NO_WAIT);
        enter(room, 2, LONG_WAIT);
        List<WaitingRoom.Seat> seats = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            seats.add(room.toPrepare().orElseThrow());
        }
        assertThat(seats).extracting(WaitingRoomTest::priority).containsExactly(9L, -1L, 2L, 1L, 1L);
        prepared(room, seats.get(4));
        prepared(room, seats.get(3));
        seats.subList(0, 3).forEach(seat -> prepared(room, seat));
        assertThat(room.first().orElseThrow().ticket()).isSameAs(seats.get(0).ticket());
    }

    @Test
    void whoIsReadySoonKeepsItsPlace() {
        enter(room, 2, NO_WAIT);
        enter(room, 2, NO_WAIT);
        WaitingRoom.Seat first = room.toPrepare().orElseThrow();
        WaitingRoom.Seat second = room.toPrepare().orElseThrow();
        prepared(room, second);
        assertThat(room.first()).as("it waits for the first one").isEmpty();
        prepared(room, first);
        assertThat(room.first().orElseThrow().ticket()).isSameAs(first.ticket());
    }

    @Test
    void whoIsPreparedForLongIsPassed() {
        WaitingRoom impatient = room(100, 0);
        enter(impatient, 1, NO_WAIT);
        enter(impatient, 3, NO_WAIT);
        WaitingRoom.Seat first = impatient.toPrepare().orElseThrow();
        WaitingRoom.Seat second = impatient.toPrepare().orElseThrow();
        prepared(impatient, second);
        assertThat(impatient.first().orElseThrow().ticket()).isSameAs(second.ticket());
        prepared(impatient, first);
        assertThat(impatient.first().orElseThrow().ticket()).isSameAs(first.ticket());
    }

    @Test
    void noMoreArePreparedThanAreAllowed() throws Exception {
        WaitingRoom small = room(2, 0);
        for (int i = 0; i < 3; i++) {
            enter(small, 2, NO_WAIT);
        }
        prepared(small, small.toPrepare().orElseThrow());
        small.toPrepare().orElseThrow(); // and is under preparation
        List<WaitingRoom.Seat> third = new ArrayList<>();
        Thread preparing = new Thread(() -> small.toPrepare().ifPresent(third::add));
        preparing.start();
        while (preparing.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        assertThat(third).isEmpty();
        assertThat(small.take(small.first().orElseThrow())).isTrue();
        preparing.join(10_000);
        assertThat(third).hasSize(1);
    }
}
