"""What scripts/demo does once everything is installed and built."""
