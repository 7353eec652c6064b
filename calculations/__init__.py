"""What is worked out from answers, facts and evidence. One calculation a file; see `diagnose.calculation`."""
