package dev.purekv.it;

import java.io.IOException;
import org.assertj.core.api.SoftAssertions;

/** Looks at a page as it stands: at a desk and on a phone, light and dark. */
final class Look {
    private final Browser browser;
    private final SoftAssertions all;

    Look(Browser browser, SoftAssertions all) {
        this.browser = browser;
        this.all = all;
    }

    /** The same for what another browser shows. */
    Look of(Browser another) {
        return new Look(another, all);
    }

    /** @param name of its pictures */
    void at(String name) throws IOException {
        for (boolean phone : new boolean[] {false, true}) {
            browser.phone(phone);
            for (boolean dark : new boolean[] {false, true}) {
                browser.dark(dark);
                String seen = name + (phone ? "-phone" : "") + (dark ? "-dark" : "");
                all.assertThat(browser.scrollsSideways()).as(seen).isEmpty();
                all.assertThat(browser.barriers()).as(seen).isEmpty();
                browser.wholePicture(seen);
            }
        }
        all.assertThat(browser.losesFocus()).as(name).isEmpty();
        all.assertThat(browser.complaints()).as(name).isEmpty();
        browser.dark(false);
        browser.phone(false);
    }
}
