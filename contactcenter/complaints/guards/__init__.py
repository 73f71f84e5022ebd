"""The rules: one function per rule id, `guard(attempt) -> Violation | None`, each pure."""
