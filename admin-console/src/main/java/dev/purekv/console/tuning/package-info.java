/** The settings of a model's cache: shown, changed, and what a change will do. */
package dev.purekv.console.tuning;
