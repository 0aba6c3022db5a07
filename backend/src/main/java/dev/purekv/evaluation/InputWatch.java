package dev.purekv.evaluation;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Ends this process with its parent, however that ends: two runs must not write into one folder. What was found by then is written. */
final class InputWatch {
    private InputWatch() {}

    static void start(InputStream input) {
        Thread watch = new Thread(
                () -> {
                    try {
                        input.transferTo(OutputStream.nullOutputStream());
                    } catch (IOException e) {
                        // As good as an end.
                    }
                    Runtime.getRuntime().halt(1); // no orderly exit: that would wait for native code under way
                },
                "input-watch");
        watch.setDaemon(true);
        watch.start();
    }
}
