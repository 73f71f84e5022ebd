"""The chat widget: a loader on the customer's site, the chat itself in an iframe on our origin."""
