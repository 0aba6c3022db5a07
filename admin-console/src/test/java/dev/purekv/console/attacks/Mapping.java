package dev.purekv.console.attacks;

import dev.purekv.console.RunningConsole;
import java.util.ArrayList;
import java.util.List;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** A method and a path that a controller of the running console answers. */
public record Mapping(RequestMethod method, String pattern) {
    /** @return every one, one that names no method as GET and as POST */
    public static List<Mapping> all(RunningConsole console) {
        List<Mapping> all = new ArrayList<>();
        for (RequestMappingInfo info : console.bean(RequestMappingHandlerMapping.class)
                .getHandlerMethods()
                .keySet()) {
            List<RequestMethod> methods = List.copyOf(info.getMethodsCondition().getMethods());
            for (String pattern : info.getPatternValues()) {
                for (RequestMethod method :
                        methods.isEmpty() ? List.of(RequestMethod.GET, RequestMethod.POST) : methods) {
                    all.add(new Mapping(method, pattern));
                }
            }
        }
        return all.stream().distinct().toList();
    }

    public boolean reads() {
        return method == RequestMethod.GET;
    }

    /** @return an address of it that names nothing there is */
    public String path() {
        return pattern.replace("{id}", "1").replaceAll("\\{\\w+\\}", "none");
    }

    @Override
    public String toString() {
        return method + " " + pattern;
    }
}
