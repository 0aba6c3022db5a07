package dev.purekv.console.doors;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;

/** Hands each request to the handler of the door that it came through; only the console's go on to Spring MVC. */
final class DoorFilter extends HttpFilter {
    private static final long serialVersionUID = 1;

    private final transient Doors doors;
    private final transient UnderWay underWay;
    private final transient List<DoorHandler> handlers;

    DoorFilter(Doors doors, UnderWay underWay, List<DoorHandler> handlers) {
        this.doors = doors;
        this.underWay = underWay;
        this.handlers = handlers.stream()
                .sorted(Comparator.comparing(
                                (DoorHandler handler) -> handler.root().length())
                        .reversed())
                .toList();
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        // The local port, never the Host header: the header is the client's to choose.
        Door door = doors.at(request.getLocalPort());
        if (request.getDispatcherType() == DispatcherType.REQUEST) {
            String full = doors.turnsAway(door, request.getRemoteAddr(), request.getRemotePort());
            if (full != null) {
                turnAway(handler(door, path(request)), response, full);
                return;
            }
            UnderWay.Entry entry = underWay.begin(request, door);
            try {
                hand(door, request, response, chain);
            } finally {
                entry.left(request);
            }
        } else {
            hand(door, request, response, chain);
        }
    }

    private static void turnAway(DoorHandler handler, HttpServletResponse response, String why) throws IOException {
        response.setHeader("Connection", "close");
        response.setHeader("Retry-After", "1"); // seconds
        if (handler == null) {
            response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            response.setContentType("text/plain;charset=utf-8");
            response.getWriter().println(why);
        } else {
            handler.turnAway(response, why);
        }
    }

    private void hand(Door door, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        DoorHandler handler = handler(door, path(request));
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

    /** @return null at the console, whose pages are Spring MVC's */
    private DoorHandler handler(Door door, String path) {
        for (DoorHandler each : handlers) {
            if (each.door() == door
                    && (each.root().isEmpty() || path.equals(each.root()) || path.startsWith(each.root() + "/"))) {
                return each;
            }
        }
        return null;
    }

    /** The path that was asked for; while an error is told, the request has another one. */
    private static String path(HttpServletRequest request) {
        Object asked = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
        return asked instanceof String path ? path : request.getRequestURI();
    }
}
