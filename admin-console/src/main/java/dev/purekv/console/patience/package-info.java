/** What clients that take their time may cost, at every door alike. */
package dev.purekv.console.patience;
