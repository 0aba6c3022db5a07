/** The models of the repository: what they are, how they do, and their comings and goings. */
package dev.purekv.console.models;
