"""What a file is and what is in it, whoever wrote it: containers, formats, limits, and what its bytes tell beside its cells."""
