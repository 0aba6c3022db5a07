package dev.purekv.it;

import com.deque.html.axecore.results.Results;
import com.deque.html.axecore.selenium.AxeBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.TimeoutException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.support.ui.Select;
import org.openqa.selenium.support.ui.WebDriverWait;

/** Headless Chromium, Debian's or Ubuntu's, at the console of one server. */
final class Browser implements AutoCloseable {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final Path PICTURES = Path.of("integration-tests/target/screenshots");
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Dimension DESK = new Dimension(1280, 800);
    private static final Dimension PHONE = new Dimension(390, 844);

    private final ChromeDriver driver;
    private final String root;

    Browser(int port) {
        ChromeOptions options = new ChromeOptions();
        options.setBinary(CHROMIUM.toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage");
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(DRIVER.toFile())
                .usingAnyFreePort()
                .build();
        driver = new ChromeDriver(service, options);
        driver.manage().window().setSize(DESK);
        root = "http://127.0.0.1:" + port;
    }

    static boolean isHere() {
        return Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER);
    }

    void open(String path) {
        driver.get(root + path);
    }

    String path() {
        return driver.getCurrentUrl().substring(root.length());
    }

    String text() {
        return driver.findElement(By.tagName("body")).getText();
    }

    void fill(String name, String value) {
        fillIn("main [name='" + name + "']", value);
    }

    void fillIn(String css, String value) {
        WebElement field = driver.findElement(By.cssSelector(css));
        field.clear();
        field.sendKeys(value);
    }

    void click(String css) {
        driver.findElement(By.cssSelector(css)).click();
    }

    /** Chooses a file of this machine. */
    void attach(String name, Path file) {
        driver.findElement(By.cssSelector("main input[type='file'][name='" + name + "']"))
                .sendKeys(file.toAbsolutePath().toString());
    }

    /** Chooses from a list by the option's value. */
    void select(String css, String value) {
        new Select(driver.findElement(By.cssSelector(css))).selectByValue(value);
    }

    /** Presses keys while the element has the focus. */
    void press(String css, CharSequence... keys) {
        driver.findElement(By.cssSelector(css)).sendKeys(keys);
    }

    /** Clicks by script, at once: on what refreshes itself while it is looked for. */
    void clickFirst(String css) {
        driver.executeScript("const found = document.querySelector(arguments[0]); if (found) { found.click(); }", css);
    }

    /** @return the text of the first, shown or not */
    String content(String css) {
        return String.valueOf(driver.executeScript("return document.querySelector(arguments[0]).textContent", css));
    }

    /** @return what a field holds */
    String value(String css) {
        return String.valueOf(driver.executeScript("return document.querySelector(arguments[0]).value", css));
    }

    /** Waits until a text begins to hold the part. */
    void awaitContent(String css, String part) {
        new WebDriverWait(driver, PATIENCE)
                .withMessage(
                        () -> css + " never has '" + part + "': " + content(css).strip())
                .until(waiting -> content(css).contains(part));
    }

    /** Has a part of the page refresh itself now, as it does from time to time, and waits until it was replaced. */
    void refresh(String css) {
        driver.executeScript("""
                const part = document.querySelector(arguments[0]);
                part.dataset.old = 'true';
                htmx.ajax('GET', part.getAttribute('hx-get'), {target: part, swap: part.getAttribute('hx-swap')});""", css);
        new WebDriverWait(driver, PATIENCE).until(waiting -> has(css + ":not([data-old])"));
    }

    /** Waits for the element, which may be on the next page; minutes, for it may be the end of an evaluation. */
    void awaitElement(String css) {
        new WebDriverWait(driver, Duration.ofMinutes(4)).until(waiting -> has(css));
    }

    /** @return a canvas's picture as a data URI */
    String pixels(String css) {
        return String.valueOf(driver.executeScript("return document.querySelector(arguments[0]).toDataURL()", css));
    }

    void awaitOtherPixels(String css, String than) {
        new WebDriverWait(driver, PATIENCE)
                .withMessage(() -> css + " stays as it is: " + complaints())
                .until(waiting -> !pixels(css).equals(than));
    }

    void scrollTo(String css) {
        driver.executeScript("document.querySelector(arguments[0]).scrollIntoView({block: 'start'})", css);
    }

    /** Ticks a box or chooses a button; what is drawn over it takes the click. */
    void choose(String name, String value) {
        driver.executeScript("arguments[0].click()", input(name, value));
    }

    boolean isPossible(String name, String value) {
        return input(name, value).isEnabled();
    }

    boolean has(String css) {
        return !driver.findElements(By.cssSelector(css)).isEmpty();
    }

    void awaitPath(String path) {
        new WebDriverWait(driver, PATIENCE).until(waiting -> path().equals(path));
    }

    void awaitOtherPathThan(String path) {
        new WebDriverWait(driver, PATIENCE).until(waiting -> !path().equals(path));
    }

    void awaitText(String part) {
        new WebDriverWait(driver, PATIENCE)
                .withMessage(() -> path() + " never says '" + part + "': " + text())
                .ignoring(StaleElementReferenceException.class)
                .until(waiting -> text().contains(part));
    }

    void awaitNoText(String part) {
        new WebDriverWait(driver, PATIENCE)
                .ignoring(StaleElementReferenceException.class)
                .until(waiting -> !text().contains(part));
    }

    /** @return of the page's own answer */
    int status() {
        Object status = driver.executeScript("return performance.getEntriesByType('navigation')[0].responseStatus");
        return ((Number) status).intValue();
    }

    /** @return what can be sent to the server from the page's content to change something: buttons that are there and enabled */
    List<String> possibleChanges() {
        return strings("""
                const buttons = [...document.querySelectorAll('main form button, main form input[type=submit]')];
                return buttons.filter((each) => each.form.method === 'post' && each.type === 'submit' && !each.disabled)
                  .map((each) => each.textContent + ' ' + (each.getAttribute('formaction') || each.form.getAttribute('action')));""");
    }

    /** @return what may have the focus and loses it when its part of the page refreshes itself, for it has no name of its own */
    List<String> losesFocus() {
        return strings("""
                const parts = [...document.querySelectorAll('[hx-trigger*="every"]')];
                return parts.flatMap((part) => [...part.querySelectorAll('a[href], button, summary, input, [tabindex="0"]')])
                  .filter((each) => each.type !== 'hidden' && document.querySelectorAll('#' + CSS.escape(each.id)).length !== 1)
                  .map((each) => each.outerHTML.substring(0, 120));""");
    }

    private List<String> strings(String script) {
        return ((List<?>) driver.executeScript(script))
                .stream().map(String::valueOf).toList();
    }

    /** Leaves nothing of the server's files in the browser's cache. */
    void forget() {
        driver.executeCdpCommand("Network.clearBrowserCache", Map.of());
    }

    /** @return of the page's load, in milliseconds from its start: answered whole, scripts run, content painted first */
    double[] times() {
        new WebDriverWait(driver, PATIENCE)
                .pollingEvery(Duration.ofMillis(20))
                .until(waiting -> Boolean.TRUE.equals(driver.executeScript(
                        "return performance.getEntriesByName('first-contentful-paint').length > 0")));
        return ((List<?>) driver.executeScript("""
                const page = performance.getEntriesByType('navigation')[0];
                const paint = performance.getEntriesByName('first-contentful-paint')[0];
                return [page.responseEnd, page.domContentLoadedEventEnd, paint.startTime];"""))
                .stream().mapToDouble(each -> ((Number) each).doubleValue()).toArray();
    }

    Keyboard keyboard() {
        return new Keyboard(driver);
    }

    /** Colours are at once what they will be: nothing fades. */
    void dark(boolean dark) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(
                                Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"),
                                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
    }

    void phone(boolean phone) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of(
                        "width",
                        (phone ? PHONE : DESK).getWidth(),
                        "height",
                        (phone ? PHONE : DESK).getHeight(),
                        "deviceScaleFactor",
                        1,
                        "mobile",
                        false));
    }

    /**
     * Charts follow the window after a moment.
     *
     * @return what sticks out where the page stays wider than the window; empty where it does not
     */
    String scrollsSideways() {
        String sticksOut = """
                const width = document.scrollingElement.scrollWidth;
                if (width <= window.innerWidth) { return ''; }
                const out = [...document.querySelectorAll('body *')].filter((each) => each.getBoundingClientRect().right > window.innerWidth);
                return width + ' px: ' + out.slice(0, 3).map((each) => each.outerHTML.substring(0, 120)).join(' ');""";
        try {
            new WebDriverWait(driver, Duration.ofSeconds(3))
                    .until(waiting -> "".equals(driver.executeScript(sticksOut)));
            return "";
        } catch (TimeoutException e) {
            return String.valueOf(driver.executeScript(sticksOut));
        }
    }

    /** @return what is wrong by WCAG 2 A and AA, with the first place of each */
    List<String> barriers() {
        Results results = new AxeBuilder()
                .withTags(List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa"))
                .analyze(driver);
        if (results.getPasses().isEmpty()) {
            throw new IllegalStateException("axe looked at nothing");
        }
        return results.getViolations().stream()
                .map(each -> each.getId() + ": " + each.getNodes().get(0).getHtml())
                .toList();
    }

    /** Errors of scripts and of the content security policy since the last call. */
    List<String> complaints() {
        return driver.manage().logs().get("browser").getAll().stream()
                .map(entry -> entry.getLevel() + " " + entry.getMessage())
                .toList();
    }

    void picture(String name) throws IOException {
        Files.createDirectories(PICTURES);
        Files.write(PICTURES.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
    }

    /** The whole page, also what is below the window. */
    void wholePicture(String name) throws IOException {
        Map<?, ?> taken = driver.executeCdpCommand(
                "Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true, "clip", wholePage()));
        Files.createDirectories(PICTURES);
        Files.write(
                PICTURES.resolve(name + ".png"),
                Base64.getDecoder().decode(taken.get("data").toString()));
    }

    private Map<String, Object> wholePage() {
        List<?> size = (List<?>)
                driver.executeScript(
                        "const all = document.scrollingElement; return [Math.max(innerWidth, all.scrollWidth), all.scrollHeight]");
        return Map.of("x", 0, "y", 0, "width", size.get(0), "height", size.get(1), "scale", 1);
    }

    private WebElement input(String name, String value) {
        return driver.findElement(By.cssSelector("input[name='" + name + "'][value='" + value + "']"));
    }

    @Override
    public void close() {
        driver.quit();
    }
}
