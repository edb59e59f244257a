"""The truth: one directory of plain files per task."""
