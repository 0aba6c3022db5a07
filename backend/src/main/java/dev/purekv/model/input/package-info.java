/** What model families share of reading a checkpoint's files about inputs and answers. */
package dev.purekv.model.input;
