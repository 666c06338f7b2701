"""Disclosure documents (部门预算公开说明): chapters, tables, figures in sentences, structured content."""
