package dev.purekv.console.doors;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/**
 * The requests that are not answered yet. Tomcat has a count of its own, which a client leaves behind for good that goes while
 * the end of its answer waits for it; a stop would then wait in vain.
 */
@Component
final class UnderWay {
    private final Set<Entry> entries = ConcurrentHashMap.newKeySet();
    private final Doors doors;

    UnderWay(Doors doors) {
        this.doors = doors;
    }

    Entry begin(HttpServletRequest request, Door door) {
        Entry entry = new Entry(door, request.getRemoteAddr(), request.getRemotePort());
        entries.add(entry);
        return entry;
    }

    boolean none() {
        entries.removeIf(entry -> entry.readyToLook
                && doors.client(entry.door, entry.address, entry.port).gone());
        return entries.isEmpty();
    }

    /** One request. */
    final class Entry implements AsyncListener {
        private final Door door;
        private final String address;
        private final int port;
        private volatile boolean readyToLook;

        private Entry(Door door, String address, int port) {
            this.door = door;
            this.address = address;
            this.port = port;
        }

        /** The container's thread has left the request: it is answered, or will be by another one. */
        void left(HttpServletRequest request) {
            // Pages of the console are answered when the thread leaves.
            if (door == Door.CONSOLE || !request.isAsyncStarted()) {
                entries.remove(this);
            } else {
                request.getAsyncContext().addListener(this);
                readyToLook = true;
            }
        }

        @Override
        public void onComplete(AsyncEvent event) {
            entries.remove(this);
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            // Its end follows.
        }

        @Override
        public void onError(AsyncEvent event) {
            // Its end follows.
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            event.getAsyncContext().addListener(this);
        }
    }
}
