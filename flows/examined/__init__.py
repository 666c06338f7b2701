"""What asks of releases that were published: is one what it was made, what changed since the one before."""
