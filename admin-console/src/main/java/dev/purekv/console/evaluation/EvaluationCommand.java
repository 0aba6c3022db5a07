package dev.purekv.console.evaluation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;

/**
 * The command line of an evaluation's process. It is a process of its own so that it can be stopped at any moment, takes nothing from the
 * server's heap, and yields: at the lowest priority it computes when the answers of live traffic leave time.
 */
final class EvaluationCommand {
    private static final String MAIN = "dev.purekv.evaluation.Evaluate";
    private static final Path NICE = Path.of("/usr/bin/nice");
    /** Where native libraries are unpacked: the child uses what the server unpacked already. */
    private static final String UNPACKED = "org.bytedeco.javacpp.cachedir";

    private EvaluationCommand() {}

    /**
     * @param checkpoint folder of the model's weights
     * @param questions file of questions
     */
    static List<String> of(EvaluationPlan plan, Path checkpoint, Path questions, Path output) {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(NICE)) {
            command.addAll(List.of(NICE.toString(), "-n", "19"));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        String unpacked = System.getProperty(UNPACKED);
        if (unpacked != null) {
            command.add("-D" + UNPACKED + "=" + unpacked);
        }
        command.addAll(mainClass(System.getProperty("java.class.path")));
        command.addAll(List.of(
                "--until-input-ends", "--model=" + checkpoint, "--questions=" + questions, "--output=" + output));
        command.addAll(plan.options());
        return command;
    }

    /**
     * The jar that Spring Boot packs holds its libraries inside, where only Spring Boot's own launcher finds them. In the image it is
     * taken apart: its libraries lie beside it.
     */
    static List<String> mainClass(String classPath) {
        if (!classPath.contains(":") && isPacked(Path.of(classPath))) {
            return List.of(
                    "-cp",
                    classPath,
                    "-Dloader.main=" + MAIN,
                    "org.springframework.boot.loader.launch.PropertiesLauncher");
        }
        return List.of("-cp", classPath, MAIN);
    }

    private static boolean isPacked(Path jar) {
        if (!Files.isRegularFile(jar)) {
            return false;
        }
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.getEntry("BOOT-INF/") != null;
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + jar, e);
        }
    }

    static Process start(List<String> command, Path log) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            return builder.start(); // its input stays open as long as this server lives, and it lives no longer
        } catch (IOException e) {
            throw new UncheckedIOException("starting an evaluation", e);
        }
    }
}
