"""When things happen: the annual flow, the command line and the publication of a release."""
