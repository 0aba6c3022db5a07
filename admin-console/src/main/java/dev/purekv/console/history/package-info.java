/** What became of each model's configuration: by whom, when, why, and the way back. */
package dev.purekv.console.history;
