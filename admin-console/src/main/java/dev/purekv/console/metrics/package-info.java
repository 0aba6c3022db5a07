/** The Prometheus door. */
package dev.purekv.console.metrics;
