"""From the cells of a sheet to facts: blocks, headers, rows, columns; each cell placed, set aside or reported."""
