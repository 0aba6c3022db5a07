package dev.purekv.console.controllers;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Says of a test that it speaks to controllers over HTTP, to every mapping of theirs: a run of the whole class fails where one was
 * not reached.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(EveryMapping.class)
public @interface Speaks {
    /** The controllers. */
    Class<?>[] to();
}
