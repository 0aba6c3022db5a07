/** What the server does now and did in the last hour, and its log. */
package dev.purekv.console.live;
