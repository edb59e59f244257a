"""HTTP and WebSocket. No product rule lives here."""
