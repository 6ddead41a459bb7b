"""shoemon watches the shoes a runner wears out, and the ground they are worn out on."""

__version__ = "0.1.0"
