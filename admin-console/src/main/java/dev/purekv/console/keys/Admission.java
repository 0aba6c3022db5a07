package dev.purekv.console.keys;

import dev.purekv.console.audit.DoorAudit.Program;
import io.grpc.Context;
import io.grpc.Status;

/**
 * Lets the requests of one gRPC call in, or not. The call pays for the first; a stream is asked for each further one, so that it
 * neither passes the limit nor outlives its key.
 */
public final class Admission {
    /** In the context of every call. */
    public static final Context.Key<Admission> KEY = Context.key("purekv-admission");

    private final Access access;
    private final Scope scope;
    private final String authorization;
    private boolean paid = true;
    private volatile boolean taken;

    /** Of a call that was let in. */
    Admission(Access access, Scope scope, String authorization) {
        this.access = access;
        this.scope = scope;
        this.authorization = authorization;
    }

    /** @return this call's, which asks for each request itself from now on, and says no in the shape of its protocol */
    public static Admission take() {
        Admission mine = KEY.get();
        mine.taken = true;
        return mine;
    }

    /** @return who makes this call */
    public static Program program() {
        Admission mine = KEY.get();
        return mine.access.program(mine.authorization);
    }

    /** Whether the call asks itself. */
    boolean taken() {
        return taken;
    }

    /** @return why the next request may not begin; null when it may */
    public Status next() {
        try {
            if (paid) {
                paid = false;
                access.check(scope, authorization);
            } else {
                access.admit(scope, authorization);
            }
            return null;
        } catch (KeyRefused refused) {
            return status(refused);
        }
    }

    /** @return why the call may not go on, such as a key that was revoked; null when it may */
    public Status now() {
        try {
            access.check(scope, authorization);
            return null;
        } catch (KeyRefused refused) {
            return status(refused);
        }
    }

    static Status status(KeyRefused refused) {
        Status status = switch (refused.reason()) {
            case UNKNOWN -> Status.UNAUTHENTICATED;
            case SCOPE -> Status.PERMISSION_DENIED;
            case RATE -> Status.RESOURCE_EXHAUSTED;
            case UNREADABLE -> Status.UNAVAILABLE;
        };
        return status.withDescription(refused.getMessage());
    }
}
