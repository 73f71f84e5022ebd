"""What machines ask for: files, liveness, readiness, metrics."""
