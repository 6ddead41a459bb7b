"""The stage that matches the tracks of new runs to the map."""
