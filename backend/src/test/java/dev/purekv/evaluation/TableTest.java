package dev.purekv.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void noCellIsAFormulaToASpreadsheetAndNumbersStayNumbers() {
        Table table = new Table(
                List.of("=1+1", "@kind", "+x", "-x", "\tx", "plain", "number"),
                List.of(List.of("=cmd|'/C calc'!A1", "a,b", "say \"no\"", "two\nlines", "-0.25", "-1.5E-4", "3")));

        assertThat(table.csv())
                .isEqualTo("'=1+1,'@kind,'+x,'-x,'\tx,plain,number\n"
                        + "'=cmd|'/C calc'!A1,\"a,b\",\"say \"\"no\"\"\",\"two\nlines\",-0.25,-1.5E-4,3\n");
    }

    @Test
    void aCellOfMarkdownStaysACell() {
        Table table = new Table(List.of("a|b"), List.of(List.of("two\nlines")));

        assertThat(table.markdown()).isEqualTo("| a\\|b |\n| --- |\n| two lines |\n");
    }
}
