"""Errors whose text is a sentence for the user: they print without a traceback, anything else is a bug."""


class BudgetError(Exception):
    """Something a user can mend; `str()` is the whole sentence he reads."""


class InputError(BudgetError):
    """The run cannot start: arguments, configuration or input folder are wrong (exit code 2)."""


class DefinitionError(BudgetError):
    """A definition (table, form, rule, code list) contradicts itself or its examples."""


class PublicationError(BudgetError):
    """The release could not be written; the former one is untouched."""
