package dev.purekv.text;

/**
 * Takes the white space out of a Jinja template that its tags ask to drop, so that the interpreter sees none of it.
 *
 * <p>Rules of jinja2 with trim_blocks and lstrip_blocks, as transformers sets them: blanks before a block at the start of
 * a line go, so does one newline after a block; a minus at either end of a tag drops all white space there, a plus keeps
 * it; one newline at the end of the template goes. The interpreter's own versions of these settings also drop blanks in
 * the middle of a line, which changes prompts. Comments are dropped as well.
 */
final class TemplateWhitespace {
    private final String template;
    private final StringBuilder out = new StringBuilder();
    private int at;

    private TemplateWhitespace(String template) {
        this.template = template;
    }

    static String apply(String template) {
        String text = template.replace("\r\n", "\n");
        return new TemplateWhitespace(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text).run();
    }

    private String run() {
        while (at < template.length()) {
            int open = nextTag(at);
            out.append(template, at, open);
            at = open;
            if (open < template.length()) {
                tag();
            }
        }
        return out.toString();
    }

    private int nextTag(int from) {
        for (int i = from; i + 1 < template.length(); i++) {
            if (template.charAt(i) == '{' && "{%#".indexOf(template.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return template.length();
    }

    private void tag() {
        char kind = template.charAt(at + 1);
        int end = end(at + 2, kind);
        int bodyFrom = at + 2;
        int bodyTo = Math.max(bodyFrom, end - 2);
        char first = bodyFrom < bodyTo ? template.charAt(bodyFrom) : ' ';
        char last = bodyFrom < bodyTo ? template.charAt(bodyTo - 1) : ' ';
        boolean block = kind != '{';
        if (first == '-') {
            dropAllBefore();
        } else if (block && first != '+') {
            dropIndentBefore();
        }
        bodyFrom += first == '-' || first == '+' && block ? 1 : 0;
        bodyTo -= bodyTo > bodyFrom && (last == '-' || last == '+' && block) ? 1 : 0;
        String body = template.substring(bodyFrom, bodyTo);
        if (kind != '#') {
            out.append('{')
                    .append(kind)
                    .append(body)
                    .append(kind == '{' ? '}' : kind)
                    .append('}');
        }
        at = end;
        if (block && body.strip().equals("raw")) {
            copyRaw();
        } else if (last == '-') {
            dropAllAfter();
        } else if (block && last != '+' && at < template.length() && template.charAt(at) == '\n') {
            at++;
        }
    }

    /** @return the position after the tag's closing marks, which do not count inside quotes */
    private int end(int from, char kind) {
        char closing = kind == '{' ? '}' : kind;
        char quote = 0;
        for (int i = from; i + 1 < template.length(); i++) {
            char c = template.charAt(i);
            if (quote != 0) {
                i += c == '\\' ? 1 : 0;
                quote = c == quote ? 0 : quote;
            } else if (kind != '#' && (c == '"' || c == '\'')) {
                quote = c;
            } else if (c == closing && template.charAt(i + 1) == '}') {
                return i + 2;
            }
        }
        return template.length();
    }

    /** What stands between raw and endraw is text; the interpreter copies it. */
    private void copyRaw() {
        int close = template.indexOf("endraw", at);
        int open = close < 0 ? template.length() : template.lastIndexOf("{%", close);
        out.append(template, at, Math.max(at, open));
        at = Math.max(at, open);
    }

    private void dropAllBefore() {
        int length = out.length();
        while (length > 0 && Character.isWhitespace(out.charAt(length - 1))) {
            length--;
        }
        out.setLength(length);
    }

    private void dropIndentBefore() {
        int length = out.length();
        while (length > 0 && (out.charAt(length - 1) == ' ' || out.charAt(length - 1) == '\t')) {
            length--;
        }
        // Only text that begins a line of the template is indentation.
        int line = at - (out.length() - length);
        if (line == 0 || template.charAt(line - 1) == '\n') {
            out.setLength(length);
        }
    }

    private void dropAllAfter() {
        while (at < template.length() && Character.isWhitespace(template.charAt(at))) {
            at++;
        }
    }
}
