/** Who may use the console, as what, and with which password. */
package dev.purekv.console.people;
