package dev.purekv.server;

import dev.purekv.server.ServerException.Status;

/** Model names become folder names: what could leave the repository's folder never reaches Triton. */
public final class ModelNames {
    private ModelNames() {}

    /** @throws ServerException INVALID_ARG for what is not the name of one folder of the repository */
    public static void requireFolder(String name) {
        boolean odd =
                name.equals(".") || name.equals("..") || name.chars().anyMatch(c -> c < ' ' || c == '/' || c == '\\');
        if (odd) {
            throw new ServerException(
                    Status.INVALID_ARG,
                    "invalid model name: it must be the name of one folder of the model repository, without"
                            + " '/', '\\' or control characters");
        }
    }
}
