/** Building blocks that model families share. Each holds views of a checkpoint's weights and owns no memory of its own. */
package dev.purekv.model.layer;
