/** The gRPC door; for now its health service alone. */
package dev.purekv.console.health;
