package dev.purekv.settings;

/** How the kept entries are shared out among layers; the total is the same. */
public enum LayerBudgets implements Word {
    /** As many in every layer. */
    UNIFORM,
    /** More in low layers than in high ones. */
    PYRAMID,
    /** More in high layers than in low ones: the same shares upside down. */
    INVERTED
}
