"""Sentences from codes and figures, for the terminal, the pages and the mails."""
