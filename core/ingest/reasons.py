"""Why a row is refused: messages of the catalogue, shown with the row in the quarantine.

The placeholders ``{column}`` and ``{value}`` are the log's own column and what stood there.
"""

from core.i18n import N_

MISSING = N_("{column} is empty.")
NOT_A_NUMBER = N_("{column} is not a number: {value}. Separators of thousands are not read.")
NOT_A_WHOLE_NUMBER = N_("{column} is not a whole number: {value}.")
INFINITE = N_("{column} is infinite.")
NOT_A_TIMESTAMP = N_("{column} is not a timestamp: {value}. Write 2026-11-21T09:30:00+08:00.")
NOT_A_DATE = N_("{column} is not a date: {value}. Write 2026-11-21.")
NOT_A_BOOLEAN = N_("{column} is neither true nor false: {value}.")
IN_THE_FUTURE = N_("{column} lies in the future: {value}.")
UNKNOWN_VALUE = N_("{column} holds a value that the contract does not know: {value}.")
UNDECODABLE = N_("The line holds bytes that are not {encoding}.")
WRONG_WIDTH = N_("The line has {found} fields where the header has {expected}.")
NOT_JSON = N_("The line is not a JSON object.")
OTHER_CONTENT = N_("A row with the same {column} ({value}) and other content is stored already.")
