/** Where the console keeps what must outlive it: people, their doings, the history of settings. */
package dev.purekv.console.store;
