"""The words: pure data and pure folds. No input or output, no clock, no settings."""
