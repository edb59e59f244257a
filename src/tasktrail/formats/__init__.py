"""Pure translators from foreign words into events."""
