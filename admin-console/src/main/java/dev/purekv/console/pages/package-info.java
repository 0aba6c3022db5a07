/** What all pages have in common: the frame around them, and how problems are shown. */
package dev.purekv.console.pages;
