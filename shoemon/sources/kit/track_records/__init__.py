"""Track files as records without their points, kept from one pull to the next: only what is new or changed is read."""
