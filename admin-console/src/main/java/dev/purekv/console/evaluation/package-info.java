/** Evaluations started from the console: each is a process of its own with a folder of its own, so that it survives a restart. */
package dev.purekv.console.evaluation;
