package dev.purekv.console.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** Every test that the list of attacks names is there. */
class AttackListTest {
    private static final Pattern NAMED = Pattern.compile("`(\\w+)#(\\w+)`");

    @Test
    void namesTestsThatAreThere() throws IOException {
        Map<String, Path> sources;
        try (Stream<Path> files = Stream.of(
                        "src/test/java", "../backend/src/test/java", "../integration-tests/src/test/java")
                .map(Path::of)
                .flatMap(AttackListTest::walk)) {
            sources = files.filter(each -> each.toString().endsWith(".java"))
                    .collect(Collectors.toMap(
                            each -> each.getFileName().toString().replace(".java", ""),
                            Function.identity(),
                            (one, other) -> one));
        }
        List<MatchResult> named = NAMED.matcher(Files.readString(Path.of("docs/attacks.md")))
                .results()
                .toList();

        assertThat(named).hasSizeGreaterThan(30);
        SoftAssertions all = new SoftAssertions();
        for (MatchResult each : named) {
            Path source = sources.get(each.group(1));
            all.assertThat(source == null ? "" : Files.readString(source))
                    .as(each.group())
                    .containsPattern("(?s)@(?:Parameterized)?Test\\b(?:(?!@Test|@Parameterized).)*?\\bvoid "
                            + each.group(2) + "\\(");
        }
        all.assertAll();
    }

    private static Stream<Path> walk(Path folder) {
        try {
            return Files.walk(folder);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
