"""What the published data must be: tables, code lists, rules and the suites that guard them."""
