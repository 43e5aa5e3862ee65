"""hostdesk: a calm desk beside the broadcast, for the shop's reputation."""

__version__ = "0.1.0"
