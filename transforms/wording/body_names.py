"""Names of bodies (departments and units) in tables: what looks like one, and the keys of their rows and columns."""

import re

from transforms.common_words import shared_words
from transforms.forms import heading_words
from transforms.once import recalled
from transforms.wording.text import bare, compact

BODY_KEY = "unit."
_CODE_OF_BODY = re.compile(r"[\[(]?(\d{3,9})[\])]?[-_]?(?!\.\d)(?=\D)")


@recalled
def names_body(text: str) -> bool:
    """Whether a text ends as names of bodies do, and is no word of the forms itself.

    >>> names_body("县疾控中心"), names_body("325001某县交通运输局"), names_body("合计"), names_body("其他资金")
    (True, True, False, False)
    """
    words = bare(text)
    endings = tuple(shared_words().bodies)
    return len(words) > 2 and words.endswith(endings) and words not in heading_words()


def body_key(text: str) -> str:
    """The key of a body's row or column: by its code where it has one, else by its name.

    >>> body_key("901002 某县疾控中心"), body_key("某县疾控中心"), body_key("901002.25")
    ('unit.901002', 'unit.某县疾控中心', 'unit.901002.25')
    """
    words = compact(text)
    code = _CODE_OF_BODY.match(words)
    return BODY_KEY + (code[1] if code else words)


def name_behind_code(text: str) -> str:
    """The name of a body without its code.

    >>> name_behind_code("901002 某县疾控中心"), name_behind_code("某县疾控中心")
    ('某县疾控中心', '某县疾控中心')
    """
    words = compact(text)
    code = _CODE_OF_BODY.match(words)
    return words[code.end() :] if code else words


def scope_named(word: str) -> str:
    """The scope (department or unit) that a kind of body stands for: 部门 is the department's."""
    return next((scope for scope, kind in shared_words().kinds_of_bodies.items() if kind == word), "")
