package dev.purekv.it;

import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.interactions.Actions;

/** Somebody without a mouse: goes by Tab alone, and wants to see where the focus is at each step. */
final class Keyboard {
    private static final int FAR = 120;

    private final ChromeDriver driver;

    Keyboard(ChromeDriver driver) {
        this.driver = driver;
    }

    /** Presses keys where the focus is. */
    void press(CharSequence... keys) {
        new Actions(driver).sendKeys(keys).perform();
    }

    /** Over what comes between; what stands in a field is selected by that. */
    void tabTo(String css) {
        for (int i = 0; i < FAR; i++) {
            press(Keys.TAB);
            String unseen = unseen();
            if (!unseen.isEmpty()) {
                throw new AssertionError("on the way to " + css + " the focus is not seen: " + unseen);
            }
            if (has(css)) {
                return;
            }
        }
        throw new AssertionError("Tab does not lead to " + css);
    }

    /** @return whether the focus is there */
    boolean has(String css) {
        return !driver.findElements(By.cssSelector("*:focus")).isEmpty()
                && Boolean.TRUE.equals(
                        driver.executeScript("return document.activeElement.matches(arguments[0])", css));
    }

    /** @return what has the focus without a frame that shows it; a layer's box is drawn by what is beside it */
    private String unseen() {
        return String.valueOf(driver.executeScript("""
                const active = document.activeElement;
                if (!active || active === document.body) { return ''; }
                const shown = active.matches('.cell input') ? active.nextElementSibling : active;
                const style = getComputedStyle(shown);
                const box = shown.getBoundingClientRect();
                const framed = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
                const within = box.width > 0 && box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight;
                return framed && within ? '' : active.outerHTML.substring(0, 200);"""));
    }
}
