"""Facts become rows of standard tables: one module per group of tables."""
