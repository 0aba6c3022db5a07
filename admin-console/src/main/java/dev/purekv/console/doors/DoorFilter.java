package dev.purekv.console.doors;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Hands each request to the handler of the door that it came through; only the console's go on to Spring MVC. */
final class DoorFilter extends HttpFilter {
    private static final long serialVersionUID = 1;

    private final transient Doors doors;
    private final transient Map<Door, DoorHandler> handlers = new EnumMap<>(Door.class);

    DoorFilter(Doors doors, List<DoorHandler> handlers) {
        this.doors = doors;
        handlers.forEach(handler -> this.handlers.put(handler.door(), handler));
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        // The local port, never the Host header: the header is the client's to choose.
        Door door = doors.at(request.getLocalPort());
        DoorHandler handler = handlers.get(door);
        if (handler == null) {
            chain.doFilter(request, response);
        } else if (request.getDispatcherType() == DispatcherType.INCLUDE) {
            return; // Tomcat's error page for a client that left mid-answer: nobody reads it, and it is not the
            // console's
        } else if (request.getDispatcherType() == DispatcherType.ERROR) {
            handler.refused(request, response);
        } else {
            handler.handle(request, response);
        }
    }
}
