"""How a department's workbook becomes facts, facts become standard tables, and those the county's."""
