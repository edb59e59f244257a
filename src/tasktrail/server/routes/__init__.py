"""The route handlers: parse, call, render; each under ten lines."""
