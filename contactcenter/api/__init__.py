"""`/api/v1`: what people do on screens, for programs."""
