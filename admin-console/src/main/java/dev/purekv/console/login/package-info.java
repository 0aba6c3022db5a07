/** How people come in, stay in, and are shown out. */
package dev.purekv.console.login;
