/** The console's first page and its login. */
package dev.purekv.console.home;
