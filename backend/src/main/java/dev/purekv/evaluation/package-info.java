/**
 * Evidence: compression settings compared on a set of questions, against the right answers and against the full cache. Run by
 * {@link dev.purekv.evaluation.Evaluate}.
 */
package dev.purekv.evaluation;
