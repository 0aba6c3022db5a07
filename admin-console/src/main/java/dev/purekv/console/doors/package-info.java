/** The HTTP ports of the process, and the rule that what is behind one is never reached through another. */
package dev.purekv.console.doors;
