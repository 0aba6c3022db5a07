/** What an operator sets before the start, checked once, and the words for what is wrong with it. */
package dev.purekv.console.settings;
