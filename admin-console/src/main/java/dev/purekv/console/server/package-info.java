/** Where the inference server comes from. */
package dev.purekv.console.server;
