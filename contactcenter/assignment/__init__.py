"""Who gets what: presence, capacity, offers, wrap-up, and the router that decides."""
