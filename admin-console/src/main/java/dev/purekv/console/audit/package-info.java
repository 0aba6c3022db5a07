/** What people did and what they were refused: written once, never changed. */
package dev.purekv.console.audit;
