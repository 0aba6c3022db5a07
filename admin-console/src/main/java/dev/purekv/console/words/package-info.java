/** Numbers as people read them. */
package dev.purekv.console.words;
