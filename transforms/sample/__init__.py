"""A synthetic county: workbooks as departments might send them, with a ledger of the defects planted in them.

It shares no words, codes or rules with the rest of the project, so that it can serve as its touchstone.
"""

from transforms.sample.county import write_county

__all__ = ["write_county"]
