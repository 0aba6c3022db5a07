package dev.purekv.console.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class KeyCommandTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("keys.json");
    }

    @Test
    void printsAKeyOnceAndKeepsItsHashForTheOwnerAlone(CapturedOutput output) throws IOException {
        assertThat(create("ci", "inference,metadata")).isZero();

        String key = output.getOut().strip();
        assertThat(key).matches("purekv-[A-Za-z0-9_-]{43}");
        assertThat(Files.readString(file)).doesNotContain(key).contains(ApiKey.hash(key));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(new KeyFile(file).read())
                .singleElement()
                .satisfies(made -> assertThat(made.scopes()).isEqualTo(Set.of(Scope.INFERENCE, Scope.METADATA)))
                .satisfies(made -> assertThat(made.matches(ApiKey.digest(key))).isTrue())
                .satisfies(made ->
                        assertThat(made.matches(ApiKey.digest(key + "x"))).isFalse());
    }

    @Test
    void listsKeysWithoutTheirHashes(CapturedOutput output) throws IOException {
        create("a", "repository");
        KeyCommand.run("create", "b", "--file", file.toString(), "--scopes", "inference", "--requests-per-minute", "9");

        assertThat(KeyCommand.run("list", "--file", file.toString())).isZero();

        assertThat(output.getOut()).containsPattern("a\trepository\t-\t20.*\nb\tinference\t9\t20");
        assertThat(output.getOut())
                .doesNotContain(new KeyFile(file).read().get(0).sha256());
    }

    @Test
    void takesARevokedKeyOutOfTheFile() throws IOException {
        create("a", "inference");
        create("b", "inference");

        assertThat(KeyCommand.run("revoke", "a", "--file", file.toString())).isZero();

        assertThat(new KeyFile(file).read()).extracting(ApiKey::name).containsExactly("b");
    }

    @Test
    void saysWhatIsWrong(CapturedOutput output) {
        create("a", "inference");

        assertThat(create("a", "inference")).isEqualTo(2);
        assertThat(create("b", "everything")).isEqualTo(2);
        assertThat(create("b", "health")).isEqualTo(2);
        assertThat(create("no spaces", "inference")).isEqualTo(2);
        assertThat(KeyCommand.run("revoke", "absent", "--file", file.toString()))
                .isEqualTo(2);
        assertThat(KeyCommand.run("list", "--file", folder.resolve("absent").toString()))
                .isEqualTo(1);
        assertThat(output.getErr())
                .contains("a key 'a' is there already")
                .contains("'everything'")
                .contains("one or more of the scopes metadata, inference, repository")
                .contains("the name of a key has")
                .contains("there is no key 'absent'")
                .contains(folder.resolve("absent").toString());
    }

    @Test
    void losesNoKeyWhenSeveralAreMadeAtOnce() throws IOException {
        List<String> names = IntStream.range(0, 20).mapToObj(i -> "key" + i).toList();

        names.parallelStream()
                .forEach(name -> assertThat(create(name, "inference")).isZero());

        assertThat(new KeyFile(file).read()).extracting(ApiKey::name).containsExactlyInAnyOrderElementsOf(names);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"keys\":[null]}",
                "{\"keys\":[{\"name\":\"a\"}]}",
                "{\"keys\":[{\"name\":\"a\",\"sha256\":\"00\",\"scopes\":[\"inference\"]}]}",
                "{\"keys\":[],\"more\":1}",
            })
    void refusesAFileThatHoldsSomethingElse(String content) throws IOException {
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

        assertThatThrownBy(() -> new KeyFile(file).read())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void refusesAFileThatOthersMayWrite() throws IOException {
        create("a", "inference");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));

        assertThatThrownBy(() -> new KeyFile(file).read()).hasMessageContaining("chmod 600");
    }

    private int create(String name, String scopes) {
        return KeyCommand.run("create", name, "--file", file.toString(), "--scopes", scopes);
    }
}
