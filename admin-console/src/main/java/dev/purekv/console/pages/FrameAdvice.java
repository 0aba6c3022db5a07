package dev.purekv.console.pages;

import dev.purekv.ServingException;
import dev.purekv.server.ServerException;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.security.access.hierarchicalroles.RoleHierarchy;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;

/** Puts the frame around every page, and makes pages of what controllers refuse. */
@ControllerAdvice
final class FrameAdvice {
    private final RoleHierarchy roles;

    FrameAdvice(RoleHierarchy roles) {
        this.roles = roles;
    }

    @ModelAttribute("frame")
    Frame frame(HttpServletRequest request) {
        return Frame.of(request, roles);
    }

    @ExceptionHandler
    ModelAndView refused(ResponseStatusException refusal, HttpServletRequest request) {
        return problem(refusal.getStatusCode(), refusal.getReason(), request);
    }

    @ExceptionHandler
    ModelAndView refused(ServingException refusal, HttpServletRequest request) {
        HttpStatus status = switch (refusal.code()) {
            case INVALID_REQUEST, UNSUPPORTED, CANCELLED -> HttpStatus.BAD_REQUEST;
            case NOT_FOUND -> HttpStatus.NOT_FOUND;
            case OUT_OF_CAPACITY -> HttpStatus.SERVICE_UNAVAILABLE;
            case INTERNAL -> HttpStatus.INTERNAL_SERVER_ERROR;
        };
        return problem(status, refusal.getMessage(), request);
    }

    @ExceptionHandler
    ModelAndView refused(ServerException refusal, HttpServletRequest request) {
        HttpStatus status = switch (refusal.status()) {
            case NOT_FOUND -> HttpStatus.NOT_FOUND;
            case UNAVAILABLE -> HttpStatus.SERVICE_UNAVAILABLE;
            default -> HttpStatus.BAD_GATEWAY;
        };
        return problem(status, refusal.getMessage(), request);
    }

    private ModelAndView problem(HttpStatusCode status, String message, HttpServletRequest request) {
        ModelAndView page = new ModelAndView("error");
        page.setStatus(status);
        page.addObject("frame", Frame.of(request, roles));
        page.addObject("status", status.value());
        page.addObject("problem", message);
        return page;
    }
}
