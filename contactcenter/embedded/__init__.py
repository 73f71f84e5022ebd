"""The supervisor, and the PostgreSQL and Valkey that run when no DATABASE_URL or REDIS_URL is given."""
