/** A model's config.pbtxt, as its operator wrote it: read, changed in place, replaced whole. */
package dev.purekv.console.config;
