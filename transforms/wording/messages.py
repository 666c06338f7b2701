"""What the reader says to people beside the rules' own sentences and refusals; `message` says a sentence with its facts.

>>> message("so_many", count=12)
'共 12 个'
"""

from expectations.saying import Messages

message = Messages(__file__)
