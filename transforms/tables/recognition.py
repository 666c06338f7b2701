"""What a table was taken for, and on what ground."""

from dataclasses import dataclass

from transforms.forms import Form
from transforms.tables.plan import PanelPlan
from transforms.tables.turned import Turned


@dataclass(frozen=True)
class Recognition:
    """A table read as a form. `form` is None where no form, or more than one, fits.

    `unused`: why a known table is not used, '' for every other. `taken`: the panels that the table has above this part.
    `compares`: it sets the form beside the year before (对比表), and is not used where another table of its body has the form.
    `turned`: its columns where these are rows of the form; it has no `plans` then.
    `below_unread`: the table stands without title below an unread one that has a title, and may be a part of it.
    """

    form: Form | None
    plans: tuple[PanelPlan, ...] = ()
    title: str = ""
    family: str = ""
    score: float = 0.0
    runner_up: str = ""
    continues: bool = False
    strange_title: str = ""
    rivals: tuple[str, ...] = ()
    unused: str = ""
    taken: frozenset[str] = frozenset()
    below_unread: bool = False
    compares: bool = False
    turned: Turned | None = None

    @property
    def every_plan(self) -> tuple[PanelPlan, ...]:
        """The plans of its columns, whether these are columns of the form or rows."""
        return (*self.plans, self.turned.plan) if self.turned else self.plans

    @property
    def account(self) -> str:
        """How the form was found, for the ledger: form, ground, score, runner-up."""
        if self.unused:
            return f"known and not used: {self.unused}"
        if self.form is None:
            return f"no form; nearest {self.runner_up or 'none'}" + "".join(
                f"; fits {name}" for name in self.rivals
            )
        ground = "continuation" if self.continues else "title" if self.title else "words"
        return f"{self.form.form} by {ground}; score {self.score}; runner-up {self.runner_up or 'none'}"
