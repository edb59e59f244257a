"""The composition root: the one room that knows every other, wires them and runs their threads."""

from tasktrail.service.local import LocalReader, open_local, open_reader
from tasktrail.service.running import Service, open_service

__all__ = ["LocalReader", "Service", "open_local", "open_reader", "open_service"]
