package dev.purekv.console.sharedmemory;

import dev.purekv.server.ServerException;
import dev.purekv.server.ServerException.Status;
import java.io.IOException;

/** The part of a region that one tensor of one request uses. While it is open its region cannot be unregistered. */
public final class Window implements AutoCloseable {
    private final SharedMemory.Entry entry;
    private final long position;
    private final long bytes;
    private boolean closed;

    Window(SharedMemory.Entry entry, long position, long bytes) {
        this.entry = entry;
        this.position = position;
        this.bytes = bytes;
    }

    public String region() {
        return entry.region().name();
    }

    public long bytes() {
        return bytes;
    }

    /** @return a copy of all of it */
    public byte[] read() {
        if (bytes > Integer.MAX_VALUE - 8) {
            throw new ServerException(
                    Status.INVALID_ARG,
                    "a tensor in shared memory may have at most " + (Integer.MAX_VALUE - 8) + " bytes, got " + bytes);
        }
        byte[] copy = new byte[(int) bytes];
        try {
            if (entry.object().read(position, copy)) {
                return copy;
            }
        } catch (IOException e) {
            throw failed(e.getMessage());
        }
        throw failed("the shared memory object has become shorter");
    }

    /** @throws ServerException INTERNAL, as Triton has it, when the tensor is larger */
    public void write(byte[] tensor) {
        if (tensor.length > bytes) {
            throw new ServerException(
                    Status.INTERNAL,
                    "shared memory size specified with the request for output (" + bytes + " bytes) should be at least "
                            + tensor.length + " bytes to hold the results");
        }
        try {
            if (!entry.object().write(position, tensor)) {
                throw failed("the shared memory object has become shorter");
            }
        } catch (IOException e) {
            throw failed(e.getMessage());
        }
    }

    private ServerException failed(String why) {
        return new ServerException(
                Status.INVALID_ARG, "Unable to use shared memory region: '" + region() + "': " + why);
    }

    /** May be called again, by any thread. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            entry.free();
        }
    }
}
