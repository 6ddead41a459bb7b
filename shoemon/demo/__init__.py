"""An imaginary runner's year."""
