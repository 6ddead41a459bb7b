"""Mails: the message, its HTML, the tickets in its links, and what mail servers answer."""
