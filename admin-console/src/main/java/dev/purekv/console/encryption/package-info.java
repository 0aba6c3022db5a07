/** TLS, by Spring Boot's own settings {@code server.ssl.*}, for every door. */
package dev.purekv.console.encryption;
