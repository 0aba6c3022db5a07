package dev.purekv.console.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuestionSetsTest {
    private static final String LINE =
            "{\"clip\":\"a.mp4\",\"kind\":\"count\",\"question\":\"How many?\",\"answer\":\"2\"}\n";

    /** As an mp4 begins. */
    private static final String CLIP = "\0\0\0\u0018ftypisom";

    @TempDir
    Path folder;

    private QuestionSets sets;

    @BeforeEach
    void make() throws IOException {
        Files.createDirectories(folder.resolve("repository/digits/evaluation"));
        Files.writeString(folder.resolve("repository/digits/evaluation/questions.jsonl"), LINE);
        Files.createDirectories(folder.resolve("repository/other/1"));
        sets = new QuestionSets(folder.resolve("repository"), folder.resolve("uploads"));
    }

    private static InputStream zip(Object... namesAndContents) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < namesAndContents.length; i += 2) {
                zip.putNextEntry(new ZipEntry((String) namesAndContents[i]));
                Object content = namesAndContents[i + 1];
                zip.write(content instanceof byte[] raw ? raw : ((String) content).getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
        return new ByteArrayInputStream(bytes.toByteArray());
    }

    private void assertNothingIsLeft() throws IOException {
        try (Stream<Path> found = Files.list(folder.resolve("uploads"))) {
            assertThat(found).isEmpty();
        }
        try (Stream<Path> found = Files.list(folder)) {
            assertThat(found.map(each -> each.getFileName().toString()))
                    .containsExactlyInAnyOrder("repository", "uploads");
        }
    }

    @Test
    void setsOfModelsAndUploadedOnesAreListedAndFound() throws IOException {
        assertThat(sets.upload("mine", zip("questions.jsonl", LINE, "a.mp4", CLIP)))
                .isEqualTo("upload:mine");
        assertThat(sets.names()).containsExactly("model:digits", "upload:mine");
        assertThat(sets.file("model:digits")).hasContent(LINE.strip());
        assertThat(sets.file("upload:mine")).hasContent(LINE.strip()).hasFileName("questions.jsonl");
        assertThatThrownBy(() -> sets.upload("mine", zip("questions.jsonl", LINE, "a.mp4", CLIP)))
                .hasMessageContaining("a set of this name already");
        sets.remove("upload:mine");
        assertThat(sets.names()).containsExactly("model:digits");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "..", "model:..", "model:../digits", "upload:../repository/digits", "x:digits", "model:none"
            })
    void namesThatLeadElsewhereFindNothing(String set) {
        assertThatThrownBy(() -> sets.file(set)).isInstanceOf(EvaluationException.class);
        assertThatThrownBy(() -> sets.remove(set)).isInstanceOf(EvaluationException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../a.mp4",
                "/etc/a.mp4",
                "a/b/c.mp4",
                "..\\a.mp4",
                "a.sh",
                ".hidden.mp4",
                "a\u0000.mp4",
                "c/../../a.mp4",
                "-rf.mp4"
            })
    void aPathThatIsNotPlainIsRefusedAndNothingIsWritten(String name) throws IOException {
        assertThatThrownBy(() -> sets.upload("bad", zip("questions.jsonl", LINE, "a.mp4", CLIP, name, "x")))
                .isInstanceOf(EvaluationException.class)
                .hasMessageContaining("plain names");
        assertNothingIsLeft();
    }

    @Test
    void aBombIsRefusedBeforeItFillsTheDisk() throws IOException {
        byte[] zeros = new byte[17 << 20];
        assertThatThrownBy(() -> sets.upload("bomb", zip("questions.jsonl", zeros)))
                .isInstanceOf(EvaluationException.class)
                .hasMessageContaining("larger than allowed");
        assertNothingIsLeft();
    }

    @Test
    void whatIsNotASetIsRefusedInWords() throws IOException {
        List<Object[]> wrong = List.of(
                new Object[] {"no top", zip("a.mp4", CLIP), "no questions.jsonl"},
                new Object[] {"no zip", new ByteArrayInputStream("hello".getBytes(StandardCharsets.UTF_8)), "no zip"},
                new Object[] {"empty", zip("questions.jsonl", "\n"), "no question in it"},
                new Object[] {"no json", zip("questions.jsonl", "what?\n"), "Question 1 is no line of JSON"},
                new Object[] {"no clip", zip("questions.jsonl", LINE), "no clip 'a.mp4'"},
                new Object[] {
                    "a path",
                    zip("questions.jsonl", LINE.replace("a.mp4", "../a.mp4"), "a.mp4", CLIP),
                    "no clip '../a.mp4'"
                },
                new Object[] {"no video", zip("questions.jsonl", LINE, "a.mp4", "a text"), "'a.mp4' is no video"},
                new Object[] {"twice", zip("questions.jsonl", LINE + LINE, "a.mp4", CLIP), "Question 2 is there twice"},
                new Object[] {
                    "no answer",
                    zip("questions.jsonl", "{\"clip\":\"a.mp4\",\"kind\":\"x\",\"question\":\"?\"}", "a.mp4", CLIP),
                    "no text 'answer'"
                });
        for (Object[] each : wrong) {
            assertThatThrownBy(() -> sets.upload("bad", (InputStream) each[1]))
                    .as((String) each[0])
                    .isInstanceOf(EvaluationException.class)
                    .hasMessageContaining((String) each[2]);
            assertNothingIsLeft();
        }
        assertThatThrownBy(() -> sets.upload("../bad", zip())).hasMessageContaining("The name of a set");
    }

    @Test
    void aStartRemovesWhatAKillLeftOfAnUpload() throws IOException {
        sets.upload("mine", zip("questions.jsonl", LINE, "a.mp4", CLIP));
        Path uploads = sets.file("upload:mine").getParent().getParent();
        Files.writeString(Files.createDirectory(uploads.resolve(".upload17")).resolve("b.mp4"), "half a cl");

        QuestionSets again = new QuestionSets(uploads.resolveSibling("repository"), uploads);

        assertThat(uploads).isDirectoryNotContaining("glob:**.upload17");
        assertThat(again.file("upload:mine")).exists();
    }
}
